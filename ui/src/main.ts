/** The page: a host, then the screens. */
import "@fontsource/b612/latin-400.css";
import "@fontsource/b612/latin-700.css";
import "@fontsource/b612-mono/latin-400.css";
import "leaflet/dist/leaflet.css";
import "./styles/tokens.css";
import "./styles/base.css";
import { mount } from "svelte";
import App from "./App.svelte";
import { chooseHost } from "./host/choose";

const target = document.getElementById("app");
if (target) mount(App, { target, props: { host: await chooseHost() } });
