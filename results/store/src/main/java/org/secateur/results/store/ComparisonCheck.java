package org.secateur.results.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.cost.Recomputation;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.FalseDiscovery;
import org.secateur.results.core.statistics.OrderStatistics;
import org.secateur.results.core.statistics.Pair;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;
import org.secateur.results.store.ComparisonJson.Unit;

/**
 * What a document of {@code compare} tells, computed again from its pairs: the control and the margin that follows from it,
 * each ratio with its interval, noise, p-value and verdict, the times of both sides, measured joules likewise, and the false
 * discoveries among several.
 */
public final class ComparisonCheck {
    private static final double CONFIDENCE = 0.95;

    private final Recomputation all = new Recomputation();

    private ComparisonCheck() {}

    /**
     * Checks a document.
     *
     * @throws SecateurException with exit code 2 when it cannot be read or lacks its pairs
     */
    public static Recomputation of(Path file) {
        try {
            ComparisonCheck check = new ComparisonCheck();
            check.document(new JsonObject(JsonDocument.parse(Files.readString(file)), ""));
            return check.all;
        } catch (IOException | IllegalArgumentException e) {
            throw new SecateurException(
                    ExitCode.BAD_INPUT,
                    "not a document of compare with its pairs: " + e.getMessage(),
                    file.toString(),
                    "name one written by secateur compare --json",
                    e);
        }
    }

    private void document(JsonObject document) {
        JsonObject shown = document.object("control");
        PairedComparison control = ComparisonJson.read(shown, Unit.SECONDS);
        all.comparison("control.", control);
        truth("control.valid", shown.truth("valid"), control.verdict() == Verdict.SAME);
        if (!document.fields().containsKey("comparisons")) {
            comparison("", document, control.equivalence());
            return;
        }
        List<JsonObject> each = document.objects("comparisons");
        List<PairedComparison> times = new ArrayList<>();
        List<PairedComparison> energies = new ArrayList<>();
        for (int i = 0; i < each.size(); i++) {
            times.add(comparison("comparisons[" + i + "].", each.get(i), control.equivalence()));
            energy(each.get(i)).ifPresent(energies::add);
        }
        double[] adjusted = adjusted(times);
        double[] energyAdjusted = energies.size() == each.size() ? adjusted(energies) : new double[0];
        for (int i = 0; i < each.size(); i++) {
            String field = "comparisons[" + i + "].";
            number(field + "adjustedPValue", each.get(i).number("adjustedPValue"), adjusted[i]);
            truth(field + "discovery", each.get(i).truth("discovery"), adjusted[i] <= FalseDiscovery.RATE);
            if (energyAdjusted.length > 0) {
                number(field + "energyAdjustedPValue", each.get(i).number("energyAdjustedPValue"), energyAdjusted[i]);
            }
        }
        number("expectedByChance", document.number("expectedByChance"), FalseDiscovery.RATE * each.size());
    }

    private static double[] adjusted(List<PairedComparison> comparisons) {
        return FalseDiscovery.adjusted(
                comparisons.stream().mapToDouble(PairedComparison::pValue).toArray());
    }

    private PairedComparison comparison(String field, JsonObject json, double delta) {
        PairedComparison time = ComparisonJson.read(json, Unit.SECONDS);
        all.comparison(field, time);
        number(field + "delta", time.delta(), delta);
        truth(field + "material", json.truth("material"), time.material());
        side(field + "baseline.seconds", json.object("baseline").object("seconds"), time, Pair::baseline);
        side(field + "candidate.seconds", json.object("candidate").object("seconds"), time, Pair::candidate);
        energy(json).ifPresent(energy -> {
            all.comparison(field + "energyComparison.", energy);
            number(field + "energyComparison.delta", energy.delta(), delta);
            truth(
                    field + "energyComparison.material",
                    json.object("energyComparison").truth("material"),
                    energy.material());
            side(field + "baseline.joules", json.object("baseline").object("joules"), energy, Pair::baseline);
            side(field + "candidate.joules", json.object("candidate").object("joules"), energy, Pair::candidate);
        });
        return time;
    }

    /** The comparison of joules, whose ratio stands beside it; empty where no counter told them. */
    private static Optional<PairedComparison> energy(JsonObject json) {
        if (!json.fields().containsKey("energyComparison")) {
            return Optional.empty();
        }
        Map<String, Object> whole =
                new LinkedHashMap<>(json.object("energyComparison").fields());
        whole.put("ratio", json.object("energyRatio").fields());
        return Optional.of(ComparisonJson.read(new JsonObject(whole, json.path()), Unit.JOULES));
    }

    /** The median of one side, unless it has two modes. */
    private void side(String field, JsonObject json, PairedComparison comparison, ToDoubleFunction<Pair> side) {
        Quantity published = QuantityJson.read(json);
        Optional<Estimate> number = published.estimate();
        number.ifPresent(e -> all.estimate(
                Optional.empty(),
                field,
                e,
                OrderStatistics.median(
                        comparison.samples().stream().mapToDouble(side).toArray(), CONFIDENCE)));
    }

    private void number(String field, double published, double recomputed) {
        all.number(Optional.empty(), field, published, recomputed);
    }

    private void truth(String field, boolean published, boolean recomputed) {
        all.text(Optional.empty(), field, Boolean.toString(published), Boolean.toString(recomputed));
    }
}
