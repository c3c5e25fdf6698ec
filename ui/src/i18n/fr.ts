/** Every sentence of the interface in French. */
import { codes } from "./fr/codes";
import { screens } from "./fr/screens";

export const fr = { ...codes, ...screens };
