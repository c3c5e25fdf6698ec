/** Every sentence of the interface in French. */
import { alarms } from "./fr/alarms";
import { answers } from "./fr/answers";
import { codes } from "./fr/codes";
import { groups } from "./fr/groups";
import { keyboard } from "./fr/keyboard";
import { locks } from "./fr/locks";
import { map } from "./fr/map";
import { procedure } from "./fr/procedure";
import { screens } from "./fr/screens";
import { workstation } from "./fr/workstation";

export const fr = { ...answers, ...codes, ...keyboard, ...screens, ...alarms, ...groups, ...locks, ...map, ...workstation, ...procedure };
