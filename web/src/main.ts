import { mount } from 'svelte';
import './styles/base.css';
import './styles/tokens.css';
import './styles/print.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (!target) throw new Error('index.html has no #app');
mount(App, { target });
