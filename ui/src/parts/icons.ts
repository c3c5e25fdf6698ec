/** The interface's icons: only those used are in the bundle. */
import alarms from "@tabler/icons/outline/bell.svg?raw";
import adjustments from "@tabler/icons/outline/settings.svg?raw";
import back from "@tabler/icons/outline/arrow-left.svg?raw";
import close from "@tabler/icons/outline/x.svg?raw";
import crew from "@tabler/icons/outline/helmet.svg?raw";
import effects from "@tabler/icons/outline/hourglass.svg?raw";
import flood from "@tabler/icons/outline/ripple.svg?raw";
import filter from "@tabler/icons/outline/filter.svg?raw";
import layers from "@tabler/icons/outline/stack-2.svg?raw";
import views from "@tabler/icons/outline/bookmarks.svg?raw";
import measure from "@tabler/icons/outline/ruler-measure.svg?raw";
import copy from "@tabler/icons/outline/copy.svg?raw";
import programmes from "@tabler/icons/outline/calendar-time.svg?raw";
import print from "@tabler/icons/outline/printer.svg?raw";
import help from "@tabler/icons/outline/help.svg?raw";
import leave from "@tabler/icons/outline/logout.svg?raw";
import less from "@tabler/icons/outline/minus.svg?raw";
import lock from "@tabler/icons/outline/lock.svg?raw";
import log from "@tabler/icons/outline/notebook.svg?raw";
import map from "@tabler/icons/outline/map.svg?raw";
import more from "@tabler/icons/outline/plus.svg?raw";
import outbox from "@tabler/icons/outline/send.svg?raw";
import phone from "@tabler/icons/outline/phone.svg?raw";
import review from "@tabler/icons/outline/checklist.svg?raw";
import search from "@tabler/icons/outline/search.svg?raw";
import sources from "@tabler/icons/outline/antenna.svg?raw";
import training from "@tabler/icons/outline/school.svg?raw";
import unplugged from "@tabler/icons/outline/plug-x.svg?raw";
import whole from "@tabler/icons/outline/arrows-maximize.svg?raw";

export const ICONS = {
  alarms, settings: adjustments, back, close, crew, effects, help, leave, less, lock, log, map, more, outbox, phone, review, search, sources, training, unplugged, whole,
  filter, layers, views, measure, copy, print, programmes, flood,
};

export type IconName = keyof typeof ICONS;
