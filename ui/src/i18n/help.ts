/** What the help sheet says, in both languages: read with it and not before. */
import { language } from "./language.svelte";

export const fr = {
  "close": "Fermer",
  "map.title": "Sur la carte",
  "map.1": "Le gris est normal. Une forme de couleur est anormale : octogone, danger ; triangle, défaut ; carré, à surveiller.",
  "map.2": "Une zone hachurée n'est plus rafraîchie. Une forme creuse est hors de portée.",
  "map.3": "Choisissez un objet pour lire sa fiche, l'âge de chaque valeur, et commander.",
  "command.title": "Commander",
  "command.1": "Préparez : Vigie montre la classe, ce que vous voyez et son âge, et ce qui va se passer. Rien ne part encore.",
  "command.2": "« Fait » n'est écrit que lorsque l'état de l'objet le confirme. « Sans compte rendu » veut dire qu'on ne sait pas : vérifiez sur place ou à la caméra.",
  "lost.title": "Pendant la coupure",
  "lost.1": "Tout reste lisible : carte, fiches, historique. Regardez l'heure de chaque valeur : elle ne bouge plus.",
  "lost.2": "Classes A et B : elles attendent la liaison et expirent seules (A : 24 h, B : 15 min).",
  "lost.3": "Classe C : l'ordre est noté. Il ne part jamais seul ; au retour vous déciderez, et Entrée l'abandonne.",
  "lost.4": "Classe D : rien ne part. Téléphonez : le numéro est sur la fiche de l'objet.",
  "lost.5": "Au retour, Vigie relit l'état réel avant tout envoi.",
  "outbox.title": "À transmettre",
  "outbox.1": "Ce qui attend peut être annulé tant que l'équipement ne l'a pas reçu.",
  "outbox.2": "Une commande « sans compte rendu » se classe avec un motif, quand vous savez ce qu'il en est.",
  "log.title": "Main courante",
  "log.1": "F6 écrit une ligne par-dessus tout écran ; Ctrl+Entrée la consigne ; Échap ferme sans rien perdre.",
  "log.2": "Une ligne ne se modifie pas : une correction est une nouvelle ligne. Ce qui n'est pas encore transmis est marqué, et part seul au retour de la liaison.",
  "review.title": "Reprise après coupure",
  "review.1": "Chaque ordre noté montre ce que vous voyiez, ce que vous vouliez, et ce qui est vrai maintenant.",
  "review.2": "Entrée abandonne. « Nouvelle commande » redemande, avec une nouvelle vie et les contrôles de sa classe.",
  "training.title": "Formation",
  "training.1": "Débranchez la liaison pour voir la salle travailler sur sa copie locale.",
  "alarms.title": "Alarmes",
  "alarms.1": "Octogone 1 : tout de suite. Triangle 2 : vite. Carré 3 : à planifier. Plein : personne ne l'a prise ; creux : quelqu'un l'a.",
  "alarms.2": "Espace prend en charge la ligne montrée depuis une seconde. Il n'y a pas de « tout prendre ».",
  "alarms.3": "Entrée montre l'objet sur la carte et sa fiche. Flèche droite ouvre ce qui est sous une cause, flèche gauche referme.",
  "alarms.4": "S suspend jusqu'à une heure et pour une raison ; A affecte à un poste. Une alarme suspendue reste comptée.",
  "alarms.5": "Sans liaison, une prise en charge fait taire ce poste seulement : elle est confirmée au retour, ou dite sans effet.",
};

export const en: Record<keyof typeof fr, string> = {
  "close": "Close",
  "map.title": "On the map",
  "map.1": "Grey is normal. A coloured shape is abnormal: octagon, danger; triangle, fault; square, worth a look.",
  "map.2": "A hatched area is no longer refreshed. A hollow shape is out of reach.",
  "map.3": "Choose an object to read its sheet, the age of each value, and to command.",
  "command.title": "Commanding",
  "command.1": "Prepare: Vigie shows the class, what you see and its age, and what is going to happen. Nothing leaves yet.",
  "command.2": "“Done” is written only when the object's state confirms it. “Outcome unknown” means that nobody knows: check on site or by camera.",
  "lost.title": "During the cut",
  "lost.1": "Everything can be read: map, sheets, history. Look at the time of each value: it no longer moves.",
  "lost.2": "Classes A and B wait for the link and expire by themselves (A: 24 h, B: 15 min).",
  "lost.3": "Class C: the order is noted. It never leaves by itself; when the link is back you decide, and Enter abandons it.",
  "lost.4": "Class D: nothing leaves. Phone: the number is on the object's sheet.",
  "lost.5": "When the link is back, Vigie reads the real state before anything is sent.",
  "outbox.title": "Outbox",
  "outbox.1": "What waits can be cancelled as long as the device has not received it.",
  "outbox.2": "A command whose outcome is unknown is closed with a reason, once you know.",
  "log.title": "Log",
  "log.1": "F6 writes a line over any screen; Ctrl+Enter files it; Esc closes and loses nothing.",
  "log.2": "A line does not change: a correction is a new line. What is not sent yet is marked, and goes by itself when the link is back.",
  "review.title": "Review after a cut",
  "review.1": "Each noted order shows what you saw, what you wanted, and what is true now.",
  "review.2": "Enter abandons. “New command” asks anew, with a new life and the checks of its class.",
  "training.title": "Training",
  "training.1": "Pull the plug to see the room work on its local copy.",
  "alarms.title": "Alarms",
  "alarms.1": "Octagon 1: at once. Triangle 2: soon. Square 3: to be planned. Full: nobody has it; hollow: somebody has.",
  "alarms.2": "Space acknowledges the line that has been shown for a second. There is no “all”.",
  "alarms.3": "Enter shows the object on the map and its sheet. Right arrow opens what is under a cause, left arrow closes it.",
  "alarms.4": "S shelves until a time and for a reason; A assigns to a desk. A shelved alarm is still counted.",
  "alarms.5": "Without a link an acknowledgement silences this desk only: it is confirmed on return, or said to have had no effect.",
};

export type HelpKey = keyof typeof fr;

/** A text of the help sheet. */
export function th(key: HelpKey): string {
  return (language.code === "fr" ? fr : en)[key];
}
