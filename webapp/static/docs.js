// Starts Swagger UI on /docs, in the theme of the page.
"use strict";

{
  const holder = document.getElementById("swagger-ui");
  const page = document.documentElement;
  const paint = () => page.classList.toggle("dark-mode", isDark());
  new MutationObserver(paint).observe(page, { attributes: true, attributeFilter: ["data-theme"] });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paint);
  paint();
  SwaggerUIBundle({
    domNode: holder,
    url: holder.dataset.url,
    deepLinking: true,
    persistAuthorization: true,
    tryItOutEnabled: true,
    validatorUrl: null, // the default asks a server elsewhere
  });
}
