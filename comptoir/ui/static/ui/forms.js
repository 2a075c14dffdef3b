// Forms: sent once, asked about first when they say so, and an action that is off never acts.

document.addEventListener("click", (event) => {
  const control = event.target.closest("[aria-disabled=true]");
  if (control) event.preventDefault();
});

// data-confirm="#id" on a form names the <dialog> that asks first; its button with value "yes" sends the form.
function confirmed(form) {
  const dialog = form.dataset.confirm && document.querySelector(form.dataset.confirm);
  if (!dialog || form.dataset.confirmed) return true;
  dialog.returnValue = "";
  dialog.addEventListener(
    "close",
    () => {
      if (dialog.returnValue !== "yes") return;
      form.dataset.confirmed = "1";
      form.requestSubmit();
    },
    { once: true },
  );
  dialog.showModal();
  return false;
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent || !confirmed(form)) {
    event.preventDefault();
    return;
  }
  if (form.matches("[hx-post]")) return;
  form.dataset.sent = "1";
  // After this turn, so that the name and value of the pressed button are still sent.
  setTimeout(() => {
    for (const button of document.querySelectorAll("button[type=submit]")) {
      if (button.form !== form || button.ariaDisabled) continue;
      button.ariaDisabled = "true";
      button.dataset.waits = "";
    }
  });
});

// The browser's back button shows the page as it was left: let it be sent again (the server still acts once).
addEventListener("pageshow", (event) => {
  if (!event.persisted) return;
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    delete form.dataset.confirmed;
    for (const button of document.querySelectorAll("button[data-waits]")) {
      button.ariaDisabled = null;
      delete button.dataset.waits;
    }
  }
});

// A form that comes back with errors starts at their summary.
document.querySelector("[data-form-errors]")?.focus();
