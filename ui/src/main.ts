/** The page: a host, then the screens. */
import "leaflet/dist/leaflet.css";
import "./styles/fonts.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { chooseHost } from "./host/choose";

const target = document.getElementById("app");
if (target) mount(App, { target, props: { host: await chooseHost() } });
