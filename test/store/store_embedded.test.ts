import { storeContract } from '../support/store_contract.js';
import { suite } from '../support/suite.js';

storeContract(suite('store, embedded'), async () => 'embedded');
