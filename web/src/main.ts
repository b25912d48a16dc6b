import { boot, embedded } from './lib/boot';
import { mount } from 'svelte';
import './styles/base.css';
import './styles/tokens.css';
import './styles/print.css';
import { signedInBy } from './lib/api/client';
import App from './App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
if (boot) signedInBy(boot.token);
// Only inside an LMS; everybody else loads none of it.
if (boot || embedded) (await import('./lib/frame')).settle(boot);
mount(App, { target });
