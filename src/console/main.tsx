import { render } from 'preact';
import { App } from './app.js';
import './style/main.css';
import './theme.js';

const root = document.getElementById('app');
if (root) render(<App />, root);
