/** The page: a host, then the screens. */
import "leaflet/dist/leaflet.css";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { chooseHost } from "./host/choose";
import { speak } from "./i18n";
import { spoken } from "./state/settings.svelte";

/** Not awaited by this module: what is read meanwhile imports from its file, which would wait for it. */
async function start(target: HTMLElement): Promise<void> {
  // Before the first word is shown, not after.
  await speak(spoken(localStorage));
  mount(App, { target, props: { host: await chooseHost() } });
}

const target = document.getElementById("app");
if (target) void start(target);
