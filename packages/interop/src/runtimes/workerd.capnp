using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [(name = "app", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "app")]
);

const worker :Workerd.Worker = (
  # What wrangler builds of worker.ts.
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-11-01",
);
