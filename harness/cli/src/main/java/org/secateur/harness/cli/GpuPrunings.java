package org.secateur.harness.cli;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;
import org.secateur.models.core.graph.ChannelGroup;
import org.secateur.models.core.graph.ChannelGroups;
import org.secateur.models.core.graph.Network;
import org.secateur.models.core.zoo.Zoo;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.StepProgram;
import org.secateur.results.store.QuantityJson;

/**
 * The prunings of ResNet-50 by which a GPU's check judges sums of rows, and how its findings hold them. What is fitted is
 * fitted on the network with all its groups cut alike; what is judged are random prunings. Widths are quarters of the
 * channels, so that prunings share rows: it is their sum that is on trial.
 */
final class GpuPrunings {
    static final int BATCH = 32;
    static final Arithmetic ARITHMETIC = GpuBench.HALF;

    /** Under this name the findings of a phase hold its prunings. */
    static final String LIST = "prunings";

    private static final int PARTS = 4;

    private final GpuBench bench;
    private final Network network = Zoo.network("resnet50");

    GpuPrunings(GpuBench bench) {
        this.bench = bench;
    }

    Network network() {
        return network;
    }

    /** Widths by group, and whether it is fitted on. */
    record Draw(Map<String, Integer> widths, boolean fitted) {}

    /** The whole network and its even cuts, then so many random ones. */
    List<Draw> draws(int random) {
        List<Draw> draws = new ArrayList<>();
        for (int quarters = PARTS; quarters > 0; quarters--) {
            int same = quarters;
            draws.add(new Draw(widths(() -> same), true));
        }
        SplittableRandom source = new SplittableRandom(bench.seed());
        for (int i = 0; i < random; i++) {
            draws.add(new Draw(widths(() -> source.nextInt(1, PARTS + 1)), false));
        }
        return draws;
    }

    private Map<String, Integer> widths(IntSupplier quarters) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        for (ChannelGroup group : ChannelGroups.of(network).prunable()) {
            widths.put(group.id(), Math.ceilDiv(group.channels() * quarters.getAsInt(), PARTS));
        }
        return widths;
    }

    /** A training step of a pruning. */
    StepProgram step(Map<String, Integer> widths) {
        return ARITHMETIC.training(PredictionTrial.cut(network, widths), BATCH);
    }

    /** The beginning of a pruning's entry. */
    static Map<String, Object> json(Draw draw) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("widths", draw.widths());
        json.put("fitted", draw.fitted());
        return json;
    }

    /** Whether an entry is fitted on. */
    static boolean isFitted(Map<?, ?> entry) {
        return Boolean.TRUE.equals(entry.get("fitted"));
    }

    /** The widths of an entry, by group. */
    static Map<String, Integer> widthsOf(Map<?, ?> entry) {
        Map<String, Integer> widths = new LinkedHashMap<>();
        if (entry.get("widths") instanceof Map<?, ?> map) {
            map.forEach((group, width) -> {
                if (width instanceof Number number) {
                    widths.put(String.valueOf(group), number.intValue());
                }
            });
        }
        return widths;
    }

    /** A quantity as {@link QuantityJson#of} wrote it. */
    static Quantity quantity(@Nullable Object json) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (json instanceof Map<?, ?> known) {
            known.forEach((name, value) -> map.put(String.valueOf(name), value));
        }
        return map.isEmpty() ? Quantity.unavailable("not measured") : QuantityJson.read(map);
    }

    /** The entries that an earlier call of a phase has found. */
    List<Object> known(String phase) {
        return bench.folder().findings(phase).get(LIST) instanceof List<?> list
                ? new ArrayList<>(list)
                : new ArrayList<>();
    }

    /** Whether a pruning has its entry. */
    static boolean contains(List<Object> entries, Draw draw) {
        return entries.stream()
                .anyMatch(
                        entry -> entry instanceof Map<?, ?> map && widthsOf(map).equals(draw.widths()));
    }

    /** Whether no further one of its kind is wanted; of those that are fitted on all are. */
    static boolean enough(List<Object> entries, Draw draw, int judged) {
        return !draw.fitted()
                && entries.stream()
                                .filter(entry -> entry instanceof Map<?, ?> map && !isFitted(map))
                                .count()
                        >= judged;
    }

    /** Why nothing is judged yet. */
    static Quantity tooFew(int judged, int wanted) {
        return Quantity.unavailable(judged + " of " + wanted + " were judged");
    }
}
