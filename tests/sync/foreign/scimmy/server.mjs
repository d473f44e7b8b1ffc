// scimmy with as plain a handler as its guide shows: in memory; listens at PORT, takes TOKEN.
import { randomUUID } from "node:crypto";
import express from "express";
import SCIMMY from "scimmy";
import SCIMMYRouters from "scimmy-routers";

const stores = { User: new Map(), Group: new Map() };

SCIMMY.Config.set({
  patch: true, filter: true, etag: true, bulk: false, sort: false, changePassword: false,
});
SCIMMY.Schemas.User.definition.extend(SCIMMY.Schemas.EnterpriseUser.definition);

function refuseTaken(id, data) {
  for (const user of stores.User.values()) {
    if (user.id !== id && user.userName.toLowerCase() === data.userName.toLowerCase()) {
      throw new SCIMMY.Types.Error(409, "uniqueness", "userName is taken");
    }
  }
}

function handlers(kind) {
  const store = stores[kind];
  const missing = () => new SCIMMY.Types.Error(404, null, `there is no such ${kind}`);
  return {
    egress(resource) {
      if (resource.id) {
        if (!store.has(resource.id)) throw missing();
        return store.get(resource.id);
      }
      const all = [...store.values()];
      return resource.filter ? resource.filter.match(all) : all;
    },
    ingress(resource, data) {
      if (resource.id && !store.has(resource.id)) throw missing();
      const id = resource.id ?? randomUUID();
      const given = JSON.parse(JSON.stringify(data));
      if (kind === "User") refuseTaken(id, given);
      const now = new Date().toISOString();
      const created = store.get(id)?.meta.created ?? now;
      store.set(id, { ...given, id, meta: { created, lastModified: now } });
      return store.get(id);
    },
    degress(resource) {
      if (!store.delete(resource.id)) throw missing();
    },
  };
}

SCIMMY.Resources.declare(SCIMMY.Resources.User, handlers("User"));
SCIMMY.Resources.declare(SCIMMY.Resources.Group, handlers("Group"));

const app = express();
app.get("/", (_request, response) => response.send("up"));
// A hand that empties it between two tests.
app.delete("/all", (_request, response) => {
  for (const store of Object.values(stores)) store.clear();
  response.sendStatus(204);
});
app.use("/scim", new SCIMMYRouters({
  type: "bearer",
  docUri: "https://example.test",
  handler(request) {
    if (request.header("Authorization") !== `Bearer ${process.env.TOKEN}`) throw new Error("no");
    return "connector";
  },
}));
app.listen(Number(process.env.PORT), "127.0.0.1");
