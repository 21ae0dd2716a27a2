"""A local server that speaks the wire formats of OpenAI, Anthropic, Gemini and Ollama, with faults on demand.

    from llmring.testing.simulator import Simulator

    with Simulator(seed=7) as simulator:
        client = openai.OpenAI(base_url=simulator.urls["openai"], api_key="any")

It stands on the standard library alone and knows nothing of the rest of LLMRing. Its answers follow from seed, model and request,
so the same question gets the same words, ids and usage. Tools that are offered get called with arguments that satisfy their schema,
a tool's result gets quoted, a schema that is requested gets a value, and every token is four characters.
Any key will do; one that begins with ``bad`` is refused, as is none, and models whose name begins with ``missing-`` do not exist.

Steering
--------

A request says what it wants of the simulator in the header ``x-simulate``, settings divided by ``;``, or behind its model's name,
settings begun by ``+``. The header wins. Values are percent-decoded. A setting that does not exist is refused with status 400.

    x-simulate: fault=429; retry-after=2; times=1
    model: gpt-5.4-mini+fault=429+times=1

=================  ================================================================================================
``fault=``         what goes wrong, see below
``times=N``        only the first N requests of the same model and fault, or of the same ``key=``, fail
``key=NAME``       the name under which ``times`` counts
``retry-after=S``  the header of that name beside a status; ``none`` leaves it out, where 429 would say 1
``after=N``        events of a stream that come before its fault (3); there is always one that fails
``status=N``       the status that ``fault=error`` tells of (529)
``delay=S``        seconds before the answer
``pace=S``         seconds between the events of a stream, or between bytes where they drip (0.02)
``seed=N``         another seed
``say=TEXT``       this text is the answer, and no tool is called
``script=JSON``    what is said turn by turn: a list of texts and of ``{"calls": [{"name": ..., "arguments": {...}}]}``;
                   which turn is due follows from how often the assistant has spoken; ``Simulator(script=...)`` is for
                   every conversation that brings none
``words=N``        the answer has N words, and a stream as many pieces
``calls=N``        so many tool calls at once, over the tools in turn; ``parallel`` is ``calls=2``, ``calls=0`` is none
``tool=NAME``      this tool is called
``finish=``        ``length``, ``content_filter`` or ``refusal`` ends the answer
``reasoning``      reason without being asked; ``reasoning=off`` does not reason, though asked
=================  ================================================================================================

Faults
------

A number from 400 to 599 is that status with the provider's own body; ``quota``, ``context`` and ``filter`` are finer kinds of 429 and 400.

=====================================  ============================================================================
``refused``, ``close``                 the connection is reset, or closed, before an answer; a port that nobody
                                       listens at is ``Simulator.refused_url``
``cut``, ``reset``                     the connection is closed, or reset, in the middle of the body
``short``                              a stream ends cleanly, but without its last events
``hang``, ``stall``                    no answer comes, or its beginning and then nothing, until the simulator closes
``drip``, ``drip-head``, ``drip-body``  bytes come one by one
``malformed``, ``empty``, ``html``     no JSON in body or event, nothing with status 200, a proxy's page with 502
``error``                              an error with status 200, in stream or body, in the provider's own form
=====================================  ============================================================================
"""

from llmring.testing.simulator.server import RecordedRequest, Simulator, serve_forever
from llmring.testing.simulator.steer import FAULTS, Steering

__all__ = ["FAULTS", "RecordedRequest", "Simulator", "Steering", "serve_forever"]
