// A file that takes minutes: a form with data-upload says how much of it is sent and how long the rest takes.
// Its words: data-upload-said ("{sent} of {all}, {left} left"), data-upload-sent, data-upload-broke, and
// data-upload-most (bytes) with data-upload-big. Without this the browser sends the form by itself.
const language = document.documentElement.lang;
const count = (number, unit) =>
  new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 }).format(number);
const size = (bytes) => count(bytes / 1_000_000, "megabyte");
const time = (seconds) => (seconds < 90 ? count(Math.ceil(seconds), "second") : count(Math.round(seconds / 60), "minute"));

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-upload]") || event.defaultPrevented) return;
  event.preventDefault();
  const line = form.querySelector(".progress-line");
  const [bar, said] = [line.querySelector("progress"), line.querySelector("[data-said]")];
  const request = new XMLHttpRequest();
  const began = performance.now();
  let told = 0;
  line.hidden = false;
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    [bar.value, bar.max] = [loaded, total];
    const now = performance.now();
    if (loaded < total && now - told < 1_000) return;
    told = now;
    const words = { sent: size(loaded), all: size(total), left: time(((now - began) / 1_000) * (total / loaded - 1)) };
    said.textContent = loaded < total ? form.dataset.uploadSaid.replace(/\{(\w+)\}/g, (_, key) => words[key]) : form.dataset.uploadSent;
  });
  request.addEventListener("load", () => {
    history.replaceState(null, "", request.responseURL);
    document.open();
    document.write(request.responseText);
    document.close();
  });
  request.addEventListener("error", () => {
    said.textContent = form.dataset.uploadBroke;
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[data-waits]")) {
      button.ariaDisabled = null;
      delete button.dataset.waits;
    }
  });
  request.open("POST", form.action);
  request.send(new FormData(form, event.submitter));
});

document.addEventListener("change", ({ target }) => {
  const form = target.form;
  if (target.type !== "file" || !form?.matches("[data-upload-most]")) return;
  const big = [...target.files].some((file) => file.size > Number(form.dataset.uploadMost));
  target.setCustomValidity(big ? form.dataset.uploadBig : "");
  target.reportValidity();
});
