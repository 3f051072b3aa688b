document.getElementById("app").textContent = "The app comes here.";
