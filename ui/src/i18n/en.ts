/** Every sentence of the interface in English: the same keys as the French, or it does not compile. */
import { alarms } from "./en/alarms";
import { answers } from "./en/answers";
import { codes } from "./en/codes";
import { groups } from "./en/groups";
import { keyboard } from "./en/keyboard";
import { locks } from "./en/locks";
import { map } from "./en/map";
import { procedure } from "./en/procedure";
import { screens } from "./en/screens";
import { workstation } from "./en/workstation";
import type { fr } from "./fr";

export const en: Record<keyof typeof fr, string> = { ...answers, ...codes, ...keyboard, ...screens, ...alarms, ...groups, ...locks, ...map, ...workstation, ...procedure };
