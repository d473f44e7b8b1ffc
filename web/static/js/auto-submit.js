// Sends the form marked data-auto-submit at once: the hand-back to an application by form_post.
// Without scripts the person presses its button.
document.querySelector("form[data-auto-submit]")?.submit();
