// Small modules, none over 150 lines; nothing inline. Each part of the page that needs one names it by data attribute.
