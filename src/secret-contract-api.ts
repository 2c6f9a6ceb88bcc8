// Owns the channel's secret contract. The host looks for it by this file's name, before and without the plugin.
export {
  collectRuntimeConfigAssignments,
  secretTargetRegistryEntries,
} from "./config/secret-contract.ts";
