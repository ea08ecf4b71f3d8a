/* Says so on the page when a security key did not answer; else only the console would tell. */
document.addEventListener("allauth.error", (event) => {
  event.preventDefault();
  document.getElementById("key-trouble").hidden = false;
});
