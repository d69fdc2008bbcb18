/* Everything on these pages can be read without scripts. What is here keeps them current and makes them quick. */

import "./zone.js";
import "./times.js";
import "./refresh.js";
import "./menus.js";
import "./unanswered.js";
import "./dialog.js";
import "./forms.js";
import "./copying.js";
import "./selection.js";
import "./columns.js";
import "./current.js";
import "./travel.js";
import "./keyboard.js";
import "./charts.js";
