package org.secateur.harness.loop;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.stream.Stream;
import org.secateur.harness.loop.PlanRecord.Decision;
import org.secateur.harness.loop.PruningSettings.CostKind;
import org.secateur.harness.loop.PruningSettings.Objective;
import org.secateur.harness.loop.TimeAccount.Part;
import org.secateur.models.core.data.Batches;
import org.secateur.models.core.data.Dataset;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.planning.GroupScores;
import org.secateur.models.core.planning.Step;
import org.secateur.models.core.pruning.Budget;
import org.secateur.models.core.pruning.GroupLassoRule;
import org.secateur.models.core.training.LearningRateSchedule;
import org.secateur.models.core.training.Trainer;
import org.secateur.results.core.MathMode;
import org.secateur.results.core.SecateurException;

/** When the pruned arm is reconfigured, what each reconfiguration must meet, and how strong its group lasso is. */
final class Pruning {
    /** PruneTrain's penalty ratio; with a budget too, since what the budget removes need not be emptied first. */
    private static final double PUBLISHED_RATIO = 0.2;
    /** How often a budget that the last reconfiguration missed is tried again, at once. */
    private static final int MORE_TRIES = 2;
    /** A cost this far above the budget has missed it: half of the five percent that a user may expect. */
    private static final double TOLERANCE = 0.025;
    /** The part of the steps in which the schedule can carry a median group to zero. */
    private static final double LASSO_PART = 0.25;

    private final PruningSettings settings;
    private final RunSettings run;
    private final Dataset data;
    private final OnDemandCosts costs;
    private final ObjectiveMeter objective;
    private final LongSupplier nanoTime;
    private final LearningRateSchedule learningRates;
    private final Step step;
    private final boolean counted;
    private boolean refusalTold;

    Pruning(
            PruningSettings settings,
            RunSettings run,
            Dataset data,
            OnDemandCosts costs,
            StepMeter meter,
            Engine engine,
            LongSupplier nanoTime) {
        this.settings = settings;
        this.run = run;
        this.data = data;
        this.costs = costs;
        counted = costs.counted(settings.cost()).isPresent();
        this.nanoTime = nanoTime;
        learningRates = Trainers.schedule(
                run.training(), data.train().count() / run.training().batch());
        step = new Step(
                run.training().batch(),
                settings.cost().counted() ? 1 : run.inferenceBatch(),
                switch (settings.objective()) {
                    case STEP -> 1;
                    case LATENCY -> 0;
                    case MIX -> settings.stepWeight();
                },
                engine.dataType(),
                MathMode.DEFAULT,
                engine.layout());
        boolean joules = settings.cost() == CostKind.JOULES && !counted;
        boolean metered = joules && settings.objective() == Objective.STEP && meter.countsJoules();
        if (joules && !metered && costs.watts().isEmpty()) {
            throw SecateurException.badInput(
                    "there are no joules to plan by: a counter tells those of whole training steps only, and there is no model",
                    "--cost or --budget",
                    "use --objective step, or modelled joules with --energy-model memory-hierarchy");
        }
        objective = metered ? ObjectiveMeter.ofJoules(meter) : new ObjectiveMeter(meter, step.stepWeight());
    }

    /**
     * Finds out what the budget is relative to, and sets lambda; once, before the first epoch.
     *
     * @param recorded plans to do again, the first of which tells what the dense network cost; without any it is measured
     */
    void begin(Arm arm, List<PlanRecord> recorded, Consumer<String> progress) {
        long start = nanoTime.getAsLong();
        arm.denseCost(
                recorded.isEmpty()
                        ? denseCost(arm.trainer().network())
                        : recorded.get(0).costBefore());
        arm.account().add(Part.MEASURING, (nanoTime.getAsLong() - start) / 1e9);
        arm.trainer().lambda(lambda(arm.trainer(), progress));
    }

    private double denseCost(Network network) {
        return counted ? new WidthPlanner(costs, step, settings.cost()).costNow(network, 0) : objective.cost(network);
    }

    private double lambda(Trainer trainer, Consumer<String> progress) {
        double lasso = trainer.groupLasso();
        Batches first =
                Batches.training(data, run.training().batch(), run.training().seed(), 0);
        float[] images = new float[first.largestSize() * data.shape().elements()];
        long[] labels = new long[first.largestSize()];
        first.fill(0, images, labels);
        double loss = trainer.trainingLoss(images, labels);
        double norm = GroupScores.medianNorm(trainer.network(), trainer.state());
        long steps = (long) first.count() * run.training().epochs();
        double lambda;
        if (settings.lambda().isPresent()) {
            lambda = settings.lambda().getAsDouble();
        } else if (settings.rho().isPresent() || settings.budgeted()) {
            if (!(loss > 0)) { // a network that agrees with its teacher
                throw SecateurException.badInput(
                        "the first batch's loss is " + loss + ", of which no penalty is a share",
                        "--rho",
                        "give --lambda");
            }
            lambda = GroupLassoRule.lambdaByRatio(settings.rho().orElse(PUBLISHED_RATIO), loss, lasso);
        } else {
            lambda = GroupLassoRule.lambdaBySteps(norm, lassoPath(Math.round(LASSO_PART * steps)));
        }
        progress.accept(String.format(
                Locale.ROOT,
                "group lasso: lambda %.3g, penalty ratio rho %.3g; %s",
                lambda,
                GroupLassoRule.ratio(lambda, loss, lasso),
                stepsToZero(norm, lambda, steps)));
        return lambda;
    }

    private double lassoPath(long steps) {
        return GroupLassoRule.path(learningRates::learningRate, run.training().momentum(), steps);
    }

    private String stepsToZero(double norm, double lambda, long steps) {
        if (lambda == 0) {
            return "switched off";
        }
        OptionalLong enough = GroupLassoRule.stepsToZero(
                lambda, norm, learningRates::learningRate, run.training().momentum(), steps);
        return enough.isPresent()
                ? String.format(
                        Locale.ROOT,
                        "it would carry a median group to zero in %,d of %,d steps",
                        enough.getAsLong(),
                        steps)
                : String.format(
                        Locale.ROOT,
                        "in %,d steps it carries a median group %.0f %% of the way to zero",
                        steps,
                        100 * lambda * lassoPath(steps) / norm);
    }

    /**
     * The next reconfiguration of an arm that is due at its epoch, or was recorded there, if one is left: that of the
     * schedule, and after the schedule's last one as many more as the budget needs.
     */
    Optional<PlanRecord> reconfigure(Arm arm, Optional<PlanRecord> recorded, Consumer<String> progress) {
        double dense = arm.denseCost();
        int epochs = run.training().epochs();
        long perEpoch = data.train().count() / run.training().batch();
        ReconfigurationSchedule schedule =
                new ReconfigurationSchedule(settings, target(dense) / dense, objective.joules(), epochs, perEpoch);
        long done = arm.plans().stream().filter(p -> p.epoch() == arm.epochs()).count();
        boolean again = done > 0 && mayTryAgain(arm, schedule, done);
        boolean due = done == 0 && schedule.shares().containsKey(arm.epochs());
        if (!due && !again && recorded.isEmpty()) {
            return Optional.empty();
        }
        double share = schedule.shares().getOrDefault(arm.epochs(), 1.0);
        Reconfigurer reconfigurer = new Reconfigurer(settings, step, costs, objective, nanoTime, run.network(), arm);
        if (settings.budgeted() && recorded.isEmpty()) {
            reconfigurer.measureDense(arm);
        }
        double measuringSeconds = measuringSeconds(arm, schedule, share == 1 ? MORE_TRIES - done : 0);
        if (again
                && recorded.isEmpty()
                && reconfigurer.costNow(arm, measuringSeconds) <= (1 + TOLERANCE) * target(dense)) {
            return Optional.empty();
        }
        OptionalDouble limit = settings.budgeted()
                ? OptionalDouble.of(dense + share * (target(dense) - dense))
                : OptionalDouble.empty();
        PlanRecord plan = reconfigurer.reconfigure(
                arm, limit, share == 1, perEpoch * (epochs - arm.epochs()), measuringSeconds, recorded);
        if (settings.budgeted() && arm.epochs() >= schedule.last()) {
            arm.trainer().lambda(0);
        }
        if (!refusalTold) {
            costs.refusals().ifPresent(progress);
            refusalTold = costs.refusals().isPresent();
        }
        progress.accept(text(plan));
        return Optional.of(plan);
    }

    /** Whether the last reconfiguration has just been and changed something, so that the budget may be missed. */
    private boolean mayTryAgain(Arm arm, ReconfigurationSchedule schedule, long done) {
        return settings.budgeted()
                && arm.epochs() == schedule.last()
                && done <= MORE_TRIES
                && arm.plans().get(arm.plans().size() - 1).decision() == Decision.ACCEPTED;
    }

    private double target(double dense) {
        double limit = settings.budget().limit(dense).orElse(dense);
        boolean joules = settings.budget() instanceof Budget.Absolute absolute && absolute.kind() == Budget.Kind.ENERGY;
        return joules && !counted && !objective.joules() ? limit / joulesPerSecond() : limit;
    }

    /** The power is the same for all that runs at one utilisation, so that joules by it are planned as seconds. */
    private double joulesPerSecond() {
        return costs.watts()
                .orElseThrow(() -> SecateurException.badInput(
                        "an energy budget needs a device whose energy is measured or modelled",
                        settings.budget().text(),
                        "use train-step=... or latency=..."));
    }

    /**
     * What rows may still cost. They are not given out along the way: what is measured early serves every later plan. However
     * little is left, as much as further tries would cost may be spent on sparing them.
     *
     * @param tries that may follow
     */
    private double measuringSeconds(Arm arm, ReconfigurationSchedule schedule, long tries) {
        double spent = arm.account().parts().getOrDefault(Part.MEASURING, 0.0);
        double step = stepSeconds(arm);
        double sparing = settings.budgeted() ? Math.max(0, tries) * schedule.tryingAgainSteps() * step : 0;
        return Math.max(schedule.rowSteps() * step - spent, sparing);
    }

    /** A dense training step; as the arm's steps were so far, where the dense network's cost is of something else. */
    private double stepSeconds(Arm arm) {
        if (settings.objective() == Objective.STEP && !counted && !objective.joules()) {
            return arm.denseCost();
        }
        Map<Part, Double> parts = arm.account().parts();
        double seconds = Stream.of(Part.DATA, Part.STEPS, Part.REGULARISER, Part.TEACHER)
                .mapToDouble(part -> parts.getOrDefault(part, 0.0))
                .sum();
        return seconds / Math.max(1, arm.trainer().step());
    }

    private String what(PlanRecord plan) {
        if (!plan.unit().equals("seconds")) {
            return "cost";
        }
        return switch (settings.objective()) {
            case STEP -> "step";
            case LATENCY -> "inference";
            case MIX -> "cost";
        };
    }

    private String text(PlanRecord plan) {
        boolean seconds = plan.unit().equals("seconds");
        String form = seconds ? "%.1f ms" : plan.unit().equals("joules") ? "%.4g J" : "%,.0f " + plan.unit();
        double scale = seconds ? 1e3 : 1;
        String before = String.format(Locale.ROOT, form, plan.costBefore() * scale);
        String then = String.format(Locale.ROOT, form, plan.costPredicted() * scale);
        Double measured = plan.costMeasured();
        return "reconfiguration after epoch %d: %s; %s %s, predicted %s%s; %s"
                .formatted(
                        plan.epoch(),
                        plan.decision().name().toLowerCase(Locale.ROOT),
                        what(plan),
                        before,
                        then,
                        measured == null ? "" : ", measured " + String.format(Locale.ROOT, form, measured * scale),
                        plan.removals().isEmpty() ? plan.reason() : removals(plan.removals()));
    }

    private static String removals(List<PlanRecord.Removal> removals) {
        return removals.stream()
                .map(r -> r.group() + " " + r.before() + "->" + r.after())
                .reduce((a, b) -> a + ", " + b)
                .orElse("");
    }
}
