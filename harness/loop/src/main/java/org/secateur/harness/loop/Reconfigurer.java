package org.secateur.harness.loop;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.secateur.harness.loop.ObjectiveMeter.Ratio;
import org.secateur.harness.loop.PlanRecord.Decision;
import org.secateur.harness.loop.PlanRecord.Removal;
import org.secateur.harness.loop.PruningSettings.Objective;
import org.secateur.harness.loop.TimeAccount.Part;
import org.secateur.harness.loop.WidthPlanner.Bound;
import org.secateur.harness.loop.WidthPlanner.Proposal;
import org.secateur.models.core.graph.Branch;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.ModelState;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Surgery;
import org.secateur.models.core.graph.Surgery.Shrunk;
import org.secateur.models.core.planning.GroupScores;
import org.secateur.models.core.planning.Step;
import org.secateur.models.core.pruning.Criterion;
import org.secateur.results.core.Layout;
import org.secateur.results.core.statistics.Verdict;

/**
 * Reconfigures one arm: zeroes what the group lasso has emptied, plans widths, operates, measures the step again and
 * reverts where it became slower. A recorded plan is done again as it was.
 */
final class Reconfigurer {
    /** Pairs of steps after surgery: a median that one disturbed pair cannot move far. */
    static final int VERIFYING_PAIRS = 3;
    /** Launches of each network before those that count. */
    static final int WARMING_LAUNCHES = 2;
    /** Pairs where a verdict is needed, and after the last reconfiguration: 6 are the fewest with an interval. */
    static final int DECIDING_PAIRS = 7;
    /** What the first planning and surgery are taken to cost; later ones as those before were measured. */
    private static final double FIRST_RECONFIGURATION_SECONDS = 2.0;
    /** Plans in turn that the trainer may turn out to have no kernel for; each tells more of what there is none for. */
    private static final int MOST_REFUSALS = 10;

    private final PruningSettings settings;
    private final Layout layout;
    private final WidthPlanner planner;
    private final boolean counted;
    private final OnDemandCosts costs;
    private final ObjectiveMeter objective;
    private final LongSupplier nanoTime;
    private final Network dense;
    private final double denseCost;
    private double costNow;
    private double removedSoFar;
    /** How sums of rows become seconds of steps, by the networks measured whole. */
    private final SavedShare saved;
    /** The sum of dense's rows, once it is known. */
    private double denseSum;

    private final double reconfigurationSeconds;

    /** For one arm, whose plans so far tell the present cost. */
    Reconfigurer(
            PruningSettings settings,
            Step step,
            OnDemandCosts costs,
            ObjectiveMeter objective,
            LongSupplier nanoTime,
            Network dense,
            Arm arm) {
        this.settings = settings;
        this.layout = step.layout();
        this.planner = new WidthPlanner(costs, step, settings.cost());
        counted = costs.counted(settings.cost()).isPresent();
        this.costs = costs;
        this.objective = objective;
        this.nanoTime = nanoTime;
        this.dense = dense;
        denseCost = arm.denseCost();
        costNow = denseCost;
        reconfigurationSeconds = arm.plans().isEmpty()
                ? FIRST_RECONFIGURATION_SECONDS
                : arm.account().parts().getOrDefault(Part.RECONFIGURING, 0.0)
                        / arm.plans().size();
        saved = new SavedShare(counted ? List.of() : arm.plans(), denseCost);
        for (PlanRecord plan : arm.plans()) {
            if (plan.decision() == Decision.ACCEPTED) {
                costNow = plan.costMeasured() == null ? plan.costPredicted() : plan.costMeasured();
                removedSoFar += plan.saliencyRemoved();
            }
        }
    }

    /**
     * The cost of the network at hand: by the sum of its rows relative to dense's, and by the share of what rows promise
     * that whole networks were measured to keep. One measurement of a step is noisier than that.
     *
     * @param measuringSeconds that rows may cost
     */
    double costNow(Arm arm, double measuringSeconds) {
        long start = nanoTime.getAsLong();
        update(sumOfRows(arm.trainer().network(), measuringSeconds));
        arm.account().add(Part.MEASURING, (nanoTime.getAsLong() - start) / 1e9);
        return costNow;
    }

    /** Measures what the table lacks of the dense network, in full: all else is relative to it, and guessed from it. */
    void measureDense(Arm arm) {
        long start = nanoTime.getAsLong();
        sumOfRows(dense, 0);
        arm.account().add(Part.MEASURING, (nanoTime.getAsLong() - start) / 1e9);
    }

    private double sumOfRows(Network network, double measuringSeconds) {
        return planner.costNow(network, network.equals(dense) ? Double.MAX_VALUE : measuringSeconds);
    }

    /** Brings the saved share and the present cost up to date, given the sum of the present network's rows. */
    private void update(double sum) {
        if (counted) {
            return;
        }
        denseSum = planner.cost(dense, Map.of(), 0);
        saved.observe(sum / denseSum);
        costNow = cost(sum);
    }

    /** What a network costs whose rows sum up so, after {@link #update}; a counted cost is its sum. */
    private double cost(double sum) {
        return counted ? sum : denseCost * saved.cost(sum / denseSum);
    }

    /** What the rows of a network must sum up to that costs so much, after {@link #update}. */
    private double sum(double cost) {
        return counted ? cost : denseSum * saved.sum(cost / denseCost);
    }

    /**
     * One reconfiguration.
     *
     * @param limit what must be met now, in the unit of the dense cost; empty for the saliency cap
     * @param last whether the whole way to the budget is due
     * @param stepsLeft of the run
     * @param measuringSeconds that rows may cost
     * @param recorded the plan to do again
     */
    PlanRecord reconfigure(
            Arm arm,
            OptionalDouble limit,
            boolean last,
            long stepsLeft,
            double measuringSeconds,
            Optional<PlanRecord> recorded) {
        long start = nanoTime.getAsLong();
        double measuringBefore = costs.secondsSpent();
        Network network = arm.trainer().network();
        ModelState before = arm.trainer().state();
        ModelState state = GroupScores.zeroEmptied(network, before);
        Supplier<PlanRecord> planning = () -> propose(
                arm.epochs(),
                network,
                state,
                limit,
                stepsLeft,
                measuringSeconds - (costs.secondsSpent() - measuringBefore));
        PlanRecord plan = recorded.orElseGet(planning);
        Optional<Network> after = operated(arm, state, plan, recorded.isPresent());
        boolean refused = plan.decision() == Decision.ACCEPTED && after.isEmpty();
        for (int i = 0; i < MOST_REFUSALS && plan.decision() == Decision.ACCEPTED && after.isEmpty(); i++) {
            plan = planning.get();
            after = operated(arm, state, plan, false);
        }
        double verifying = 0;
        if (after.isPresent() && recorded.isEmpty()) {
            long verified = nanoTime.getAsLong();
            plan = verified(plan, network, after.get(), last);
            verifying = (nanoTime.getAsLong() - verified) / 1e9;
        } else if (plan.decision() == Decision.ACCEPTED && after.isEmpty()) {
            plan = plan.with(Decision.REVERTED, "the device has no kernel for it, nor for plans before it", null, 0);
        }
        if (after.isPresent() ? plan.decision() == Decision.REVERTED : refused) {
            arm.trainer().reconfigure(network, before);
        }
        arm.planned(plan);
        double measuring = costs.secondsSpent() - measuringBefore;
        double total = (nanoTime.getAsLong() - start) / 1e9;
        arm.account().add(Part.MEASURING, measuring);
        arm.account().add(Part.VERIFYING, verifying);
        arm.account().add(Part.RECONFIGURING, Math.max(0, total - measuring - verifying));
        return plan;
    }

    /**
     * Carries out a plan that is accepted; the smaller network. Empty where nothing is to be done, and where the trainer has
     * no kernel for a layer of it that no row told of: it then holds nothing any more, and later plans know what it was.
     *
     * @param only whether there is no other plan
     */
    private Optional<Network> operated(Arm arm, ModelState state, PlanRecord plan, boolean only) {
        if (plan.decision() != Decision.ACCEPTED) {
            return Optional.empty();
        }
        Shrunk shrunk = Surgery.shrink(arm.trainer().network(), state, kept(plan));
        try {
            arm.trainer().reconfigure(shrunk.network(), shrunk.state());
            return Optional.of(shrunk.network());
        } catch (IllegalArgumentException e) {
            if (!only) {
                planner.probe(shrunk.network());
            }
            if (only || planner.refusal(shrunk.network(), Map.of()).isEmpty()) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /**
     * A plan pays if it saves more than twice its standard error: over the steps left more than a reconfiguration costs,
     * where what it saves is their time. An inference runs long after the training, and a count has no time.
     */
    private PlanRecord propose(
            int epoch,
            Network network,
            ModelState state,
            OptionalDouble limit,
            long stepsLeft,
            double measuringSeconds) {
        GroupScores scores = GroupScores.of(network, state, new Criterion.L2());
        if (limit.isEmpty() && settings.saliencyBudget() == 0) {
            return published(epoch, network, scores, measuringSeconds);
        }
        double spent = costs.secondsSpent();
        double sum = sumOfRows(network, measuringSeconds);
        update(sum);
        Bound bound = limit.isPresent()
                ? new Bound.WithinCost(sum(limit.getAsDouble()))
                : new Bound.WithinSaliency(
                        Math.max(0, Math.min(settings.saliencyBudget(), settings.saliencyRunBudget() - removedSoFar)));
        Proposal proposal = planner.plan(network, scores, bound, measuringSeconds - (costs.secondsSpent() - spent));
        Map<String, List<Integer>> kept = new LinkedHashMap<>();
        List<Removal> removals = new ArrayList<>();
        proposal.widths().forEach((group, width) -> remove(scores, group, width, kept, removals));
        double predicted = cost(proposal.costThen());
        double error = cost(sum + proposal.standardError()) - cost(sum);
        double gain = costNow - predicted - 2 * error;
        boolean repaid = settings.objective() == Objective.STEP && !counted && !objective.joules();
        boolean pays = repaid ? gain * stepsLeft > reconfigurationSeconds : gain > 0;
        String reason = removals.isEmpty()
                ? "nothing to remove"
                : pays
                        ? proposal.method()
                                + (proposal.feasible() ? "" : "; with what was then measured it misses the budget")
                        : repaid
                                ? "the steps left would not pay for the reconfiguration"
                                : "its cost is not below the present one by twice the standard error";
        @Nullable
        Double boundValue = proposal.bound().isEmpty() ? null : proposal.bound().getAsDouble();
        return new PlanRecord(
                epoch,
                kept,
                removals,
                unit(),
                costNow,
                predicted,
                error,
                !proposal.measured(),
                saved.share(),
                limit.isPresent() ? limit.getAsDouble() : null,
                proposal.removed(),
                boundValue,
                null,
                0,
                pays && !removals.isEmpty() ? Decision.ACCEPTED : Decision.REJECTED,
                reason,
                layout);
    }

    /**
     * PruneTrain as published: what both sides of every tie have emptied goes, and nothing else. One channel of a group
     * stays whatever it holds where no branch can go with it, since nothing could replace it.
     */
    private PlanRecord published(int epoch, Network network, GroupScores scores, double measuringSeconds) {
        Set<String> inner = Branch.removable(Branch.of(network, ChannelGroups.of(network))).stream()
                .flatMap(branch -> branch.groups().stream())
                .collect(Collectors.toSet());
        Map<String, List<Integer>> kept = new LinkedHashMap<>();
        List<Removal> removals = new ArrayList<>();
        scores.ids()
                .forEach(group -> remove(
                        scores, group, Math.max(inner.contains(group) ? 0 : 1, scores.alive(group)), kept, removals));
        double predicted = costNow;
        boolean guessed = false;
        Optional<String> refusal = Optional.empty();
        if (!removals.isEmpty()) {
            Map<String, Integer> widths = removals.stream().collect(Collectors.toMap(Removal::group, Removal::after));
            update(sumOfRows(network, measuringSeconds)); // first, since guesses rest on its rows
            predicted = cost(planner.cost(network, widths, measuringSeconds));
            guessed = !planner.known(network, widths);
            refusal = planner.refusal(network, widths);
        }
        boolean possible = !removals.isEmpty() && refusal.isEmpty();
        return new PlanRecord(
                epoch,
                kept,
                removals,
                unit(),
                costNow,
                refusal.isEmpty() ? predicted : costNow,
                0,
                guessed,
                saved.share(),
                null,
                0,
                null,
                null,
                0,
                possible ? Decision.ACCEPTED : Decision.REJECTED,
                refusal.orElse(removals.isEmpty() ? "no channel is empty" : "the group lasso emptied these channels"),
                layout);
    }

    /** Joules by power are told in seconds, since they are planned by those; joules by accesses, or of whole steps, are counted. */
    private String unit() {
        return counted || objective.joules() ? settings.cost().name().toLowerCase(Locale.ROOT) : "seconds";
    }

    private static void remove(
            GroupScores scores, String group, int width, Map<String, List<Integer>> kept, List<Removal> removals) {
        int before = scores.channels(group);
        if (width < before) {
            kept.put(group, scores.best(group, width));
            removals.add(new Removal(
                    group,
                    before,
                    width,
                    Math.min(before - width, before - scores.alive(group)),
                    scores.removed(group, width)));
        }
    }

    private static Map<String, int[]> kept(PlanRecord plan) {
        Map<String, int[]> kept = new LinkedHashMap<>();
        plan.kept()
                .forEach((group, channels) -> kept.put(
                        group, channels.stream().mapToInt(Integer::intValue).toArray()));
        return kept;
    }

    /**
     * Measures the step after surgery, in pairs with the dense network's so that drift of the machine cancels; what is
     * not faster than before is compared with that too, and reverted if it is slower. A counted cost is counted again.
     */
    private PlanRecord verified(PlanRecord plan, Network before, Network after, boolean last) {
        if (counted) {
            return plan.with(plan.decision(), plan.reason(), planner.costNow(after, 0), 0);
        }
        int pairs = last ? DECIDING_PAIRS : VERIFYING_PAIRS;
        Optional<Ratio> ratio = objective.compare(dense, after, pairs);
        if (ratio.isEmpty()) {
            return plan.with(plan.decision(), plan.reason() + "; its joules could not be counted", null, 0);
        }
        double measured = denseCost * ratio.get().value();
        if (measured > costNow
                && objective
                        .compare(before, after, DECIDING_PAIRS)
                        .filter(r -> r.verdict() == Verdict.SLOWER)
                        .isPresent()) {
            return plan.with(Decision.REVERTED, "measured slower than before", measured, pairs);
        }
        return plan.with(plan.decision(), plan.reason(), measured, pairs);
    }
}
