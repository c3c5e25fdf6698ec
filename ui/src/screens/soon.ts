/** Parts of the room that its first picture does not need and its first key may: one file, read as soon as the picture is on its way. */
export { default as AlarmPanel } from "../parts/alarm/AlarmPanel.svelte";
export { default as CertificateNotices } from "../parts/CertificateNotices.svelte";
export { default as CommandFlow } from "../parts/CommandFlow.svelte";
export { default as CommandPalette } from "../parts/CommandPalette.svelte";
export { default as LogComposer } from "../parts/LogComposer.svelte";
export { default as Sheet } from "../parts/Sheet.svelte";
export { default as SoundBanner } from "../parts/SoundBanner.svelte";
