// Loaded before a server of others: it listens on loopback alone, on a free port, which it tells first.
const net = require("node:net");
const { listen } = net.Server.prototype;
net.Server.prototype.listen = function (...given) {
  const done = given.find((each) => typeof each === "function");
  return listen.call(this, { host: "127.0.0.1", port: 0 }, () => {
    process.stdout.write(`port ${this.address().port}\n`);
    done?.call(this);
  });
};
