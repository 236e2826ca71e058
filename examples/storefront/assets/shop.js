// Marks the button as busy while a form is on its way, so that nobody orders twice.
for (const form of document.querySelectorAll('form')) {
  form.addEventListener('submit', () => {
    const button = form.querySelector('button')
    if (button)
      setTimeout(() => {
        button.disabled = true
      }, 0)
  })
}
