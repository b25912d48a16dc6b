import { boot } from './lib/boot';
import { mount } from 'svelte';
import './styles/base.css';
import './styles/tokens.css';
import './styles/print.css';
import { signedInBy } from './lib/api/client';
import App from './App.svelte';
import { settle } from './lib/frame';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
if (boot) signedInBy(boot.token);
settle(boot);
mount(App, { target });
