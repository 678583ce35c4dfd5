package org.secateur.harness.cli;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Flag;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.history.History;
import org.secateur.results.core.history.LevelChange;
import org.secateur.results.core.history.Point;
import org.secateur.results.core.history.Series;
import org.secateur.results.core.statistics.ChangePoints;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.core.statistics.FalseDiscovery;
import org.secateur.results.core.statistics.PairedComparison;
import org.secateur.results.store.QuantityJson;

/**
 * What {@code history} tells.
 *
 * @param histories of series with two points or more
 * @param single how many further series have one point only
 */
record HistoryResult(List<History> histories, int single) {
    private static final double DELTA = PairedComparison.LEAST_DELTA;

    HistoryResult {
        histories = List.copyOf(histories);
    }

    /** The exit code where changes count: what was found before what could not be looked at, and that before suspicion. */
    ExitCode exit() {
        if (histories.stream().anyMatch(HistoryResult::worse)) {
            return ExitCode.FAILED;
        }
        if (histories.stream().anyMatch(h -> newest(h).flags().contains(Flag.INVALID))) {
            return ExitCode.ENVIRONMENT;
        }
        boolean suspicious = histories.stream()
                .flatMap(h -> h.newest().stream())
                .anyMatch(newest -> newest.unusual() && newest.ratio() > 1);
        return suspicious ? ExitCode.UNDECIDED : ExitCode.DONE;
    }

    private static boolean worse(History history) {
        return history.newestChange()
                .map(change -> change.higher() && change.material(DELTA))
                .orElse(false);
    }

    private static Point newest(History history) {
        return history.series().points().getLast();
    }

    private static boolean unusual(History history) {
        return history.newest().map(History.Newest::unusual).orElse(false);
    }

    /** What a change is called: less of anything is better. */
    private static String word(Series series, boolean higher) {
        if (series.quantity().toLowerCase(Locale.ROOT).contains("energy")) {
            return higher ? "MORE" : "LESS";
        }
        return higher ? "SLOWER" : "FASTER";
    }

    private List<String> warnings() {
        List<String> warnings = new ArrayList<>();
        long few = histories.stream()
                .filter(h -> h.series().points().size() - h.leftOut() < ChangePoints.LEAST_POINTS)
                .count();
        if (few > 0) {
            warnings.add(few + " of " + histories.size() + " series have fewer than the " + ChangePoints.LEAST_POINTS
                    + " points that a change is found in");
        }
        int leftOut = histories.stream().mapToInt(History::leftOut).sum();
        if (leftOut > 0) {
            warnings.add(leftOut + " points are INVALID or IMPLAUSIBLE and were left out");
        }
        return warnings;
    }

    String json(Map<String, Object> device) {
        Map<String, Object> document = Json.document("history", device, warnings());
        document.put("series", histories.stream().map(HistoryResult::json).toList());
        document.put("singlePointSeries", single);
        document.put("delta", DELTA);
        document.put("falseDiscoveryRate", FalseDiscovery.RATE);
        return Json.write(document);
    }

    private static Map<String, Object> json(History history) {
        Series series = history.series();
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("device", series.device());
        json.put("subject", series.subject());
        json.put("quantity", series.quantity());
        json.put("points", series.points().stream().map(HistoryResult::json).toList());
        json.put("leftOut", history.leftOut());
        json.put(
                "noise",
                history.noise().isPresent()
                        ? history.noise().getAsDouble()
                        : Quantity.unavailable("there are fewer than five points that count"));
        json.put(
                "changes",
                history.changes().stream().map(change -> json(series, change)).toList());
        json.put(
                "newest",
                history.newest()
                        .<Object>map(HistoryResult::json)
                        .orElse(Quantity.unavailable(
                                "the newest point does not count, or fewer than five before it on its level do")));
        return json;
    }

    private static Map<String, Object> json(Point point) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("value", QuantityJson.of(point.value(), point.flags()));
        json.put("source", point.source());
        json.put(
                "measuredAt",
                point.measuredAt().<Object>map(at -> at).orElse(Quantity.unavailable("the file does not tell")));
        json.put("context", point.context());
        return json;
    }

    private static Map<String, Object> json(Series series, LevelChange change) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("before", change.before());
        json.put("at", change.at());
        json.put("ratio", Quantity.derived(change.ratio()));
        json.put("direction", word(series, change.higher()));
        json.put("material", change.material(DELTA));
        json.put("pValue", change.pValue());
        json.put("adjustedPValue", change.adjustedPValue());
        json.put("context", differences(series, change));
        return json;
    }

    private static Map<String, String> differences(Series series, LevelChange change) {
        return series.points().get(change.before()).differences(series.points().get(change.at()));
    }

    private static Map<String, Object> json(History.Newest newest) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("ratio", newest.ratio());
        json.put("unusual", newest.unusual());
        return json;
    }

    String text() {
        if (histories.isEmpty()) {
            return "nothing was measured twice: " + single + " series of one point. A row is measured again by secateur"
                    + " profile --again; runs and files of several nights make series too\n";
        }
        Columns columns = new Columns("points", "newest", "noise", "newest change", "series");
        histories.stream()
                .sorted(Comparator.comparingInt(h -> h.newestChange().isPresent() ? 0 : unusual(h) ? 1 : 2))
                .forEach(history -> columns.row(
                        history.series().points().size(),
                        value(history.series(), newest(history).value().number().value()),
                        history.noise().isPresent()
                                ? Text.percent(history.noise().getAsDouble())
                                : "-",
                        history.newestChange()
                                .map(change -> word(history.series(), change.higher()) + " " + interval(change.ratio()))
                                .orElse("-"),
                        name(history.series())));
        StringBuilder text = new StringBuilder(columns.text());
        if (single > 0) {
            text.append("and ").append(single).append(" series of one point\n");
        }
        for (History history : histories) {
            history.changes().forEach(change -> text.append(told(history.series(), change)));
            history.newest()
                    .filter(History.Newest::unusual)
                    .ifPresent(newest -> text.append(String.format(
                            Locale.ROOT,
                            "%nunusual: the newest point of %s is %.3f of the median before it: compare old and new in"
                                    + " pairs%n",
                            name(history.series()),
                            newest.ratio())));
        }
        warnings().forEach(warning -> text.append("warning: ").append(warning).append('\n'));
        return text.toString();
    }

    private static String told(Series series, LevelChange change) {
        StringBuilder told = new StringBuilder(String.format(
                Locale.ROOT,
                "%n%s: %s is %s of what it was, since %s (before: %s), p %.2g%s%n",
                word(series, change.higher()),
                name(series),
                interval(change.ratio()),
                when(series.points().get(change.at())),
                when(series.points().get(change.before())),
                change.pValue(),
                change.material(DELTA) ? "" : ", which may be no more than what counts as SAME"));
        Map<String, String> differences = differences(series, change);
        if (!differences.isEmpty()) {
            told.append("  also changed (before / since): ")
                    .append(differences.entrySet().stream()
                            .map(d -> d.getKey() + " " + d.getValue())
                            .collect(Collectors.joining(", ")))
                    .append('\n');
        }
        return told.toString();
    }

    private static String name(Series series) {
        return series.quantity() + " of " + series.subject();
    }

    private static String when(Point point) {
        return point.measuredAt().map(Instant::toString).orElse(point.source());
    }

    private static String interval(Estimate ratio) {
        return String.format(Locale.ROOT, "%.3f [%.3f, %.3f]", ratio.value(), ratio.low(), ratio.high());
    }

    private static String value(Series series, double value) {
        String quantity = series.quantity().toLowerCase(Locale.ROOT);
        if (quantity.endsWith("seconds")) {
            return Text.seconds(value);
        }
        return quantity.endsWith("joules") ? Text.joules(value) : String.format(Locale.ROOT, "%.3f", value);
    }
}
