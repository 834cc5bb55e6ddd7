// Says that all is well, lets the page that opened the window show it, and closes the window.
(function () {
  "use strict";
  window.alert("Uppgifterna är sparade.");
  try {
    window.top.opener.location.reload();
  } catch (gone) {
    // Whoever opened the window has been closed meanwhile.
  }
  window.top.close();
})();
