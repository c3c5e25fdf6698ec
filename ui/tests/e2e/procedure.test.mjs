import assert from "node:assert/strict";
import { test } from "node:test";
import { open, until } from "./house.mjs";

/** Selects the object and types its reference; the button that operates. */
async function select(flow, reference) {
  await flow.getByRole("button", { name: "Sélectionner" }).click();
  const field = flow.getByLabel(`Tapez la référence de l'objet : ${reference}`);
  await field.waitFor();
  return field;
}

test("a dangerous command goes by two: asked, approved by a colleague, selected, named, done", async (t) => {
  const room = await open(t);
  const junction = await room.healthy("signal_junction");
  const { reference } = junction.line;
  await room.openSheet(reference);
  const flow = await room.prepare("Éteindre les feux");
  await flow.getByText("classe D").waitFor();
  await flow.getByText(/0 équipe sur place/).waitFor();
  assert.equal(await flow.getByRole("button", { name: /^Commander/ }).count(), 0, "nothing operates before somebody approved");

  await flow.getByRole("button", { name: "Demander une seconde personne" }).click();
  await flow.getByText("Demandé. On sonne qui peut répondre.").waitFor();
  await flow.getByText("Accord de S. Bernard (chef de salle).").waitFor({ timeout: 30_000 });
  await flow.getByText("Collègue simulé par la formation.").waitFor();

  const field = await select(flow, reference);
  const operate = flow.getByRole("button", { name: /^Commander/ });
  await field.fill("AUTRE");
  assert.ok(await operate.isDisabled(), "another reference is another object");
  await field.fill(reference);
  await field.press("Enter");
  assert.deepEqual(await room.commandsOn(junction), [], "enter operates nothing");
  await operate.click();
  await until("the command is taken", async () => (await room.commandsOn(junction)).some((command) => command.word === "under_way" || command.word === "done"));
  const pilot = await room.call("pilot", { equipment_id: junction.line.equipment_id });
  assert.equal(pilot.hold?.mine, true, "this desk pilots it while its effect lasts (R9)");
  const [request] = await room.call("requests");
  assert.equal(request.state, "used");
});

test("when nobody answers, what was agreed beforehand is done alone, and is to be reviewed", async (t) => {
  const room = await open(t);
  await room.call("training", { second: false });
  const bollard = await room.healthy("bollard");
  const { reference } = bollard.line;
  await room.openSheet(reference);
  const flow = await room.prepare("Baisser la borne");
  await flow.getByRole("button", { name: "Demander une seconde personne" }).click();
  await flow.getByText(/Sans réponse dans/).waitFor();
  const alone = flow.getByRole("button", { name: "Opérer seul…" });
  await alone.waitFor({ timeout: 60_000 });
  await alone.click();
  assert.ok(await flow.getByRole("button", { name: "Sélectionner" }).isDisabled(), "who called is asked first");
  await flow.getByLabel("Qui a appelé").fill("SAMU 21");
  await flow.getByLabel("Son numéro").fill("15");
  await flow.getByLabel(/Votre mot de passe/).fill("formation");
  const field = await select(flow, reference);
  await field.fill(reference);
  await flow.getByRole("button", { name: /^Commander/ }).click();
  await until("the command is taken", async () => (await room.commandsOn(bollard)).some((command) => command.word === "under_way" || command.word === "done"));
  await until("the person on call is told", async () => (await room.call("alarm_summary")).notices.some((notice) => notice.reason === "operated_alone"));
  assert.deepEqual(await room.call("sole_reviews"), [], "an operator does not read the reviews");
});

test("signals are never put out by one person", async (t) => {
  const room = await open(t);
  await room.call("training", { second: false });
  const junction = await room.healthy("signal_junction");
  await room.openSheet(junction.line.reference);
  const flow = await room.prepare("Éteindre les feux");
  await flow.getByRole("button", { name: "Demander une seconde personne" }).click();
  await flow.getByText("Demandé. On sonne qui peut répondre.").waitFor();
  assert.equal(await flow.getByText(/Sans réponse dans/).count(), 0);
  await flow.getByRole("button", { name: "Retirer la demande" }).click();
  await flow.getByText(/retirée par son auteur/).waitFor();
});

test("an object taken by this desk says so on its sheet and is released there", async (t) => {
  const room = await open(t);
  const junction = await room.healthy("signal_junction");
  await room.openSheet(junction.line.reference);
  const sheet = room.page.getByRole("region", { name: "Fiche de l'objet" });
  await sheet.getByRole("button", { name: "Prendre" }).click();
  await sheet.getByText(/Piloté par ce poste jusqu'à/).waitFor();
  await sheet.getByRole("button", { name: "Libérer" }).click();
  await sheet.getByText("Aucun poste ne pilote cet objet.").waitFor();
});
