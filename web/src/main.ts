/** Start of the web page. */
import { mount } from 'svelte'
import App from './App.svelte'
import './tokens.css'
import './print.css'

const target = document.getElementById('app')
if (target !== null) mount(App, { target })
// Only where the browser trusts the origin (https, or this machine); elsewhere the page works as it did, it is just not kept.
if (import.meta.env.PROD && 'serviceWorker' in navigator)
  navigator.serviceWorker.register('./service-worker.js', { type: 'module' }).catch(() => undefined)
