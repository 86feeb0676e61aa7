/**
 * Why a plate is on a hot list. The words are the policy file's (`categories` in `policies/*.yaml`); the shipped policy
 * has: stolen_vehicle, stolen_plate, warrant, missing_person, protective_order, amber_alert, missing_child,
 * department_hot_list [IV.A.3.a], and prohibited ones that load only under a live exception [IV.A.3.b, IV.A.4].
 */
export type Category = string;
