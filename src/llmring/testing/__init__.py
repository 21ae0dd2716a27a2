"""What tests of code that uses LLMRing need: here a simulator of the providers, over real HTTP."""
