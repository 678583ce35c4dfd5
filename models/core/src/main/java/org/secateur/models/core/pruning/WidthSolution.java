package org.secateur.models.core.pruning;

import java.util.List;
import java.util.OptionalDouble;

/**
 * The widths that a solver chose.
 *
 * @param choice the candidate's index for each group of the problem
 * @param widths the widths themselves
 * @param cost T of the choice
 * @param removed S of the choice
 * @param feasible whether the budget or cap is met; if not, this is the cheapest choice that was found
 * @param exact whether the optimum of T + price * S was found exactly, not by coordinate descent
 * @param proven whether nothing better can exist
 * @param bound nothing feasible removes less saliency, or within a saliency cap costs less (the Lagrangian bound); absent
 *     where the groups were too entangled for an exact bound
 * @param price what one unit of saliency is worth in cost at this budget; absent where nothing had to be traded
 * @param method how it was found, for people
 */
public record WidthSolution(
        List<Integer> choice,
        List<Integer> widths,
        double cost,
        double removed,
        boolean feasible,
        boolean exact,
        boolean proven,
        OptionalDouble bound,
        OptionalDouble price,
        String method) {
    public WidthSolution {
        choice = List.copyOf(choice);
        widths = List.copyOf(widths);
    }
}
