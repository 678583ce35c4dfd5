package org.secateur.results.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.Pair;
import org.secateur.results.core.statistics.Pair.First;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.core.statistics.Verdict;

/**
 * Paired comparisons in JSON: {@code ratio}, {@code verdict}, {@code delta}, {@code askedConfidence}, {@code pairs},
 * {@code pairNoise}, {@code pValue}, and the pairs themselves as {@code pairSeconds} or {@code pairJoules}, each
 * {@code {"baseline","candidate","first"}}.
 */
public final class ComparisonJson {
    private ComparisonJson() {}

    /** What is compared. */
    public enum Unit {
        SECONDS("pairSeconds"),
        JOULES("pairJoules");

        private final String field;

        Unit(String field) {
            this.field = field;
        }

        /** A verdict as it is said of this unit: of joules LESS and MORE. */
        public String said(Verdict verdict) {
            return switch (verdict) {
                case FASTER -> this == JOULES ? "LESS" : verdict.name();
                case SLOWER -> this == JOULES ? "MORE" : verdict.name();
                case SAME, UNDECIDED -> verdict.name();
            };
        }

        private Verdict verdict(String said) {
            return Arrays.stream(Verdict.values())
                    .filter(verdict -> said(verdict).equals(said))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException("verdict is \"" + said + "\": expected one of "
                            + Arrays.stream(Verdict.values()).map(this::said).toList()));
        }
    }

    /** A comparison with all of its pairs. */
    public static Map<String, Object> of(PairedComparison comparison, Unit unit) {
        List<Object> pairs = new ArrayList<>();
        for (Pair pair : comparison.samples()) {
            Map<String, Object> each = new LinkedHashMap<>();
            each.put("baseline", pair.baseline());
            each.put("candidate", pair.candidate());
            each.put("first", pair.first().name());
            pairs.add(each);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ratio", QuantityJson.of(Quantity.derived(comparison.ratio())));
        json.put("verdict", unit.said(comparison.verdict()));
        json.put("delta", comparison.delta());
        json.put("askedConfidence", comparison.confidence());
        json.put("pairs", comparison.pairs());
        json.put("pairNoise", comparison.pairNoise());
        json.put("pValue", comparison.pValue());
        json.put(unit.field, pairs);
        return json;
    }

    /**
     * Reads what {@link #of} made, whatever other fields stand beside it. Nothing is computed: it is what was published.
     *
     * @throws IllegalArgumentException when a field is missing or of another type, or the number of pairs is not theirs
     */
    static PairedComparison read(JsonObject json, Unit unit) {
        List<Pair> pairs = new ArrayList<>();
        for (JsonObject pair : json.objects(unit.field)) {
            pair.only("baseline", "candidate", "first");
            pairs.add(new Pair(pair.number("baseline"), pair.number("candidate"), pair.value("first", First.class)));
        }
        if (pairs.isEmpty() || json.count("pairs") != pairs.size()) {
            throw new IllegalArgumentException(
                    "pairs is " + json.count("pairs") + ", but " + unit.field + " holds " + pairs.size());
        }
        return new PairedComparison(
                known(json.object("ratio")),
                unit.verdict(json.text("verdict")),
                pairs,
                json.number("delta"),
                json.number("askedConfidence"),
                json.number("pairNoise"),
                json.number("pValue"));
    }

    private static Estimate known(JsonObject json) {
        return QuantityJson.read(json)
                .estimate()
                .orElseThrow(() -> new IllegalArgumentException("the ratio of pairs is missing"));
    }
}
