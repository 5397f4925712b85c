import { createPinia } from 'pinia'
import { createApp } from 'vue'
import App from './App.vue'
import { useFailures } from './composables/failures'
import { i18n } from './text/i18n'

const app = createApp(App).use(createPinia()).use(i18n)
app.config.errorHandler = error => useFailures().report(error)
app.mount('#app')
