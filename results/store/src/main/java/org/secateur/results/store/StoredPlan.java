package org.secateur.results.store;

import org.secateur.results.core.Quantity;

/**
 * A pruning plan with what it predicted for the step and, once the step was measured under the same id, what came.
 *
 * @param json the plan itself, with the costs it used
 * @param measuredSeconds missing until then
 */
public record StoredPlan(String id, String run, String json, Quantity predictedSeconds, Quantity measuredSeconds) {}
