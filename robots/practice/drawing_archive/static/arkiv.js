// The archive's few lines of script, in the manner of its time.

// "Rensa" empties the form, also of what an earlier search has filled in.
function rensa(form) {
  for (var i = 0; i < form.elements.length; i++) {
    var e = form.elements[i];
    if (e.type === "text") { e.value = ""; }
    if (e.type === "radio") { e.checked = e.value === "nuvarande"; }
    if (e.tagName === "SELECT") { e.selectedIndex = 0; }
  }
}

// Turn the viewer to a page: the browser's own PDF viewer if there is one, else the drawn sheets within it.
function bladdra(miniatyr, sida) {
  var alla = miniatyr.parentNode.getElementsByTagName("div");
  for (var i = 0; i < alla.length; i++) { alla[i].className = alla[i] === miniatyr ? "vald" : ""; }
  var visare = document.getElementById("visare");
  var blad = visare.querySelectorAll("svg.blad");
  for (var j = 0; j < blad.length; j++) { blad[j].style.display = j + 1 === sida ? "" : "none"; }
  visare.data = visare.data.split("#")[0] + "#toolbar=0&page=" + sida;
}
