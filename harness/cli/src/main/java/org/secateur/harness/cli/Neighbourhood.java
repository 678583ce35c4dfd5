package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.ChannelGroups.Held;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.graph.Node;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Operation;
import org.secateur.results.core.StepProgram.Instruction;
import org.secateur.results.core.Workload;
import org.secateur.results.core.WorkloadKey;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.PlanAxis;
import org.secateur.results.core.cost.RefiningPlan;
import org.secateur.results.core.cost.RefiningPlan.Outlook;
import org.secateur.results.core.statistics.Estimate;

/**
 * Everything that the convolutions and linear layers of a network's training step may become by pruning, and the plans
 * that measure a small part of it. A plan knows only what it asked for itself, whatever else a table holds: so the same
 * command asks for the same again, and a sample that was measured to judge the table never helps to build it.
 */
final class Neighbourhood {
    /** Points of one plan that are asked for at a time; the sampler interleaves as many. */
    private static final int ASKED_AT_A_TIME = 8;

    private final List<Plane> planes = new ArrayList<>();
    private final List<RefiningPlan> plans = new ArrayList<>();
    /** By plan what it asked for. */
    private final List<Set<WorkloadKey>> asked = new ArrayList<>();

    private final List<Plane> givenUp = new ArrayList<>();
    private final Set<WorkloadKey> withoutSingleTime = new LinkedHashSet<>();

    private Neighbourhood(List<Plane> planes) {
        this.planes.addAll(planes);
        for (Plane plane : planes) {
            plans.add(new RefiningPlan(plane.axes(), RefiningPlan.Target.DEFAULT));
            asked.add(new LinkedHashSet<>());
        }
    }

    /**
     * The neighbourhood of a network's training step. Left out are a linear layer behind a flattened image, whose width
     * is not its number of channels, and convolutions in groups, whose widths are not free of each other.
     *
     * @param batches one or more; the first is the training step's
     * @param from the least width of a group that may shrink
     */
    static Neighbourhood of(Network network, List<Integer> batches, int from, Arithmetic arithmetic) {
        ChannelGroups groups = ChannelGroups.of(network);
        Set<Plane> all = new LinkedHashSet<>();
        for (Instruction instruction :
                arithmetic.training(network, batches.get(0)).instructions()) {
            Workload workload = instruction.workload();
            if (workload.operation() instanceof Operation.Convolution
                    || workload.operation() instanceof Operation.Linear) {
                Node node = network.node(instruction.layer()).orElseThrow();
                List<Held> input = groups.held(node.input());
                boolean flattened = input.stream().anyMatch(held -> held.expansion() > 1);
                boolean grouped = workload.operation() instanceof Operation.Convolution o && o.groups() > 1;
                if (!flattened && !grouped) {
                    all.add(new Plane(
                            workload,
                            List.of(
                                    PlanAxis.batches(batches),
                                    widths(groups, input, from),
                                    widths(groups, groups.held(node.name()), from))));
                }
            }
        }
        List<Plane> planes = all.stream()
                .filter(plane -> all.stream().noneMatch(other -> !other.equals(plane) && other.contains(plane)))
                .toList();
        return new Neighbourhood(planes);
    }

    /** All channels of a tensor, of which a concatenation holds several groups. */
    private static PlanAxis widths(ChannelGroups groups, List<Held> tensor, int from) {
        int least = 0;
        int most = 0;
        for (Held held : tensor) {
            ChannelGroup group = groups.group(held.group());
            least += group.prunable() ? Math.min(from, group.channels()) : group.channels();
            most += group.channels();
        }
        return PlanAxis.widths(least, most);
    }

    /** The number of all workloads, without those of plans that were given up. */
    long points() {
        return planes.stream().mapToLong(Plane::points).sum();
    }

    /** What the plans asked for so far, without those that were given up. */
    Set<WorkloadKey> asked() {
        Set<WorkloadKey> all = new LinkedHashSet<>();
        asked.forEach(all::addAll);
        return all;
    }

    /**
     * Lets the plans ask until all are done. A plan of whose points the device refuses one is given up, and its points
     * with it: costs between others cannot tell of a device that refuses. A point with two modes is measured once more,
     * and then counts by its median, for the plan only.
     *
     * @param measured measures what of these keys is not there yet, and returns a table that holds them
     * @param refused whether the device has no kernel for a key
     */
    void build(Function<Collection<WorkloadKey>, CostTable> measured, Predicate<WorkloadKey> refused) {
        while (true) {
            List<List<List<Integer>>> due =
                    plans.stream().map(plan -> plan.due(ASKED_AT_A_TIME)).toList();
            Set<WorkloadKey> keys = new LinkedHashSet<>();
            for (int i = 0; i < planes.size(); i++) {
                Plane plane = planes.get(i);
                due.get(i).forEach(point -> keys.add(WorkloadKey.cold(plane.at(point))));
            }
            if (keys.isEmpty()) {
                return;
            }
            CostTable first = measured.apply(keys);
            List<WorkloadKey> again = keys.stream()
                    .filter(key -> !refused.test(key)
                            && row(first, key).seconds().estimate().isEmpty())
                    .toList();
            CostTable table = again.isEmpty() ? first : measured.apply(again);
            for (int i = planes.size() - 1; i >= 0; i--) {
                tell(i, due.get(i), table, refused);
            }
        }
    }

    private void tell(int place, List<List<Integer>> points, CostTable table, Predicate<WorkloadKey> refused) {
        Plane plane = planes.get(place);
        if (points.stream().anyMatch(point -> refused.test(WorkloadKey.cold(plane.at(point))))) {
            givenUp.add(plane);
            planes.remove(place);
            plans.remove(place);
            asked.remove(place);
            return;
        }
        for (List<Integer> point : points) {
            WorkloadKey key = WorkloadKey.cold(plane.at(point));
            Measurement row = row(table, key);
            Optional<Estimate> seconds = row.seconds().estimate();
            if (seconds.isEmpty()) {
                withoutSingleTime.add(key);
            }
            asked.get(place).add(key);
            plans.get(place).tell(point, seconds.map(Estimate::value).orElseGet(row::typicalSeconds));
        }
    }

    private static Measurement row(CostTable table, WorkloadKey key) {
        return table.row(key)
                .orElseThrow(
                        () -> new IllegalStateException(key.workload().text() + " was neither measured nor refused"));
    }

    /** What is to be said of what was given up, and of points without a single time. */
    List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        if (!givenUp.isEmpty()) {
            warnings.add(givenUp.stream().mapToLong(Plane::points).sum() + " points of the neighbourhood, "
                    + givenUp.size() + " passes of layers, were given up: the device refuses a point of each");
        }
        if (!withoutSingleTime.isEmpty()) {
            warnings.add(withoutSingleTime.size()
                    + " points of the neighbourhood have no single time: its plans went on by their medians, the table"
                    + " does not");
        }
        return warnings;
    }

    /** The share of all points that are measured or in cells whose check agreed. */
    double settledShare() {
        double settled = 0;
        for (RefiningPlan plan : plans) {
            Outlook outlook = plan.outlook();
            settled += outlook.settledShare() * (double) outlook.points();
        }
        return planes.isEmpty() ? 0 : settled / (double) points();
    }

    /**
     * Whether every plan's estimated error met its target before its share of the points was measured; not where all were
     * given up.
     */
    boolean met() {
        return !plans.isEmpty()
                && plans.stream().allMatch(plan -> plan.outlook().met());
    }

    /**
     * A uniformly random sample of the workloads that no plan asked for: the first ones of a random order that follows
     * from the seed alone, whatever is measured.
     *
     * @return {@code size} keys, or all of them where there are fewer
     */
    List<WorkloadKey> sample(int size, long seed) {
        RandomGenerator random = new SplittableRandom(seed);
        Set<WorkloadKey> known = asked();
        Set<WorkloadKey> sample = new LinkedHashSet<>();
        Set<Long> drawn = new TreeSet<>();
        long all = points();
        while (sample.size() < size && drawn.size() < all) {
            long number = random.nextLong(all);
            if (drawn.add(number)) {
                WorkloadKey key = key(number);
                if (!known.contains(key)) {
                    sample.add(key);
                }
            }
        }
        return List.copyOf(sample);
    }

    private WorkloadKey key(long number) {
        long rest = number;
        int plane = 0;
        while (rest >= planes.get(plane).points()) {
            rest -= planes.get(plane).points();
            plane++;
        }
        return WorkloadKey.cold(planes.get(plane).at(planes.get(plane).point(rest)));
    }
}
