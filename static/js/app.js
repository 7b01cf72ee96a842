// Small modules, none over 150 lines; nothing inline. Each part of the page that needs one names it by data attribute.
import "./dialogs.js";
import "./errors.js";
import "./finder.js";
import "./idle.js";
import "./keys.js";
import "./once.js";
import "./poll.js";
import "./roving.js";
import "./theme.js";
import "./today.js";
