package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import org.secateur.harness.cli.LayerTime.Rank;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.cost.HeldOutError;
import org.secateur.results.core.cost.Roofline;
import org.secateur.results.core.statistics.Estimate;

/**
 * What {@code profile} tells.
 *
 * @param store the file that holds the table
 * @param points how many workloads were asked for
 * @param measuredPoints how many of them were measured now
 * @param neighbourhood where one was asked for
 * @param roofline the device's peaks
 * @param by what ranks the layers
 * @param cheaper the next cheaper width of each group that may shrink
 */
record ProfileResult(
        String network,
        int batch,
        Arithmetic arithmetic,
        Path store,
        CostTable table,
        int points,
        int measuredPoints,
        HeldOutError heldOut,
        Optional<NeighbourhoodResult> neighbourhood,
        double measuringSeconds,
        Roofline roofline,
        Rank by,
        List<LayerTime> layers,
        List<CheaperWidth> cheaper,
        List<String> warnings) {
    /** More would not fit on a screen. */
    private static final int SHOWN_LAYERS = 15;

    private static final int FIRST_LAYERS = 5;

    ProfileResult {
        layers = List.copyOf(layers);
        cheaper = List.copyOf(cheaper);
        warnings = List.copyOf(warnings);
    }

    String json(Map<String, Object> device) {
        Map<String, Object> document = Json.document("profile", device, warnings);
        document.put("network", network);
        document.put("batch", batch);
        document.put("arithmetic", arithmetic.json());
        Map<String, Object> where = new LinkedHashMap<>();
        where.put("path", store);
        where.put("id", table.fingerprint().id());
        document.put("table", where);
        document.put("points", points);
        document.put("measuredPoints", measuredPoints);
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("median", heldOut.median());
        error.put("p95", heldOut.p95());
        error.put("predicted", heldOut.predicted());
        error.put("asked", heldOut.asked());
        document.put("heldOutError", error);
        document.put(
                "neighbourhood",
                neighbourhood
                        .<Object>map(NeighbourhoodResult::json)
                        .orElseGet(() -> Quantity.unavailable("none was asked for: see --neighbourhood")));
        document.put("measuringSeconds", measuringSeconds);
        Map<String, Object> peaks = new LinkedHashMap<>();
        peaks.put("flopsPerSecond", Quantity.derived(roofline.flopsPerSecond()));
        peaks.put("bytesPerSecond", Quantity.derived(roofline.bytesPerSecond()));
        peaks.put("cacheBytesPerSecond", Quantity.derived(roofline.cacheBytesPerSecond()));
        peaks.put("launchSeconds", Quantity.measured(roofline.launchSeconds()));
        document.put("peaks", peaks);
        document.put("rankedBy", by.toString());
        document.put(
                "layers", layers.stream().map(layer -> layer.json(roofline)).toList());
        document.put("groups", cheaper.stream().map(CheaperWidth::json).toList());
        return Json.write(document);
    }

    String text() {
        Columns text = new Columns(
                "layer",
                "forward",
                "backward",
                "of time",
                "joules",
                "of joules",
                "FLOP/s",
                "of peak",
                "bytes/s",
                "of peak",
                "bound");
        for (LayerTime layer : layers.subList(0, Math.min(SHOWN_LAYERS, layers.size()))) {
            text.row(
                    layer.layer(),
                    seconds(layer.forwardSeconds()),
                    seconds(layer.backwardSeconds()),
                    shown(layer.share(), Text::percent),
                    shown(layer.joules(), Text::joules),
                    shown(layer.energyShare(), Text::percent),
                    shown(layer.flopsPerSecond(), Text::si),
                    shown(layer.peakFlops(roofline), Text::percent),
                    shown(layer.bytesPerSecond(), Text::si),
                    shown(layer.peakBytes(roofline), Text::percent),
                    layer.boundText());
        }
        StringBuilder all = new StringBuilder();
        all.append("%s at batch %d on %s: %d points, %d measured now in %s, table %s in %s%n%n"
                .formatted(
                        network,
                        batch,
                        table.device(),
                        points,
                        measuredPoints,
                        Progress.duration(measuringSeconds),
                        table.fingerprint().id(),
                        store));
        all.append(text.text());
        if (layers.size() > SHOWN_LAYERS) {
            all.append("... and ").append(layers.size() - SHOWN_LAYERS).append(" more layers: see --json\n");
        }
        all.append("\nThe bound is what takes longest at the peaks measured here: %sFLOP/s, %sB/s, %s a launch.%n"
                .formatted(
                        Text.si(roofline.flopsPerSecond().value()),
                        Text.si(roofline.bytesPerSecond().value()),
                        Text.seconds(roofline.launchSeconds().value())));
        all.append(otherRank());
        all.append(net());
        all.append(energy());
        all.append(narrower());
        neighbourhood.ifPresent(built -> all.append(built.text()));
        all.append("held-out error: ").append(error()).append('\n');
        warnings.forEach(warning -> all.append("warning: ").append(warning).append('\n'));
        return all.toString();
    }

    /** The first layers by what does not rank the table, where they are others. */
    private String otherRank() {
        Rank other = by == Rank.SECONDS ? Rank.JOULES : Rank.SECONDS;
        List<String> ours = names(layers);
        List<String> others = names(LayerTime.ranked(layers, other));
        boolean known =
                layers.stream().anyMatch(layer -> layer.energyShare().estimate().isPresent());
        return known && !others.equals(ours) ? "First by %s: %s.%n".formatted(other, String.join(", ", others)) : "";
    }

    /** What of the joules lies beyond idle power, where that is known of all layers. */
    private String net() {
        return sum(LayerTime::joules)
                .flatMap(gross -> sum(LayerTime::netJoules)
                        .map(net -> "Of %s a step, %s lie beyond the idle device's power.%n"
                                .formatted(Text.joules(gross), Text.joules(net))))
                .orElse("");
    }

    private Optional<Double> sum(Function<LayerTime, Quantity> part) {
        return layers.stream()
                .map(part)
                .reduce(Quantity::plus)
                .flatMap(Quantity::estimate)
                .map(Estimate::value);
    }

    private static List<String> names(List<LayerTime> layers) {
        return layers.stream().limit(FIRST_LAYERS).map(LayerTime::layer).toList();
    }

    /** Where the joules come from, unless they are measured. */
    private String energy() {
        return layers.stream()
                .map(layer -> layer.joules().provenance())
                .map(provenance -> switch (provenance) {
                    case Provenance.Modelled modelled -> "Joules are modelled: " + modelled.model() + ".\n";
                    case Provenance.Unavailable none -> "Joules are unavailable: " + none.reason() + ".\n";
                    case Provenance.Measured measured -> "";
                    case Provenance.Derived derived -> "";
                })
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse("");
    }

    private String narrower() {
        Columns text = new Columns("group", "channels", "next cheaper", "ratio of its launches");
        for (CheaperWidth group : cheaper) {
            group.ratio()
                    .estimate()
                    .ifPresent(e -> text.row(
                            group.group(),
                            group.channels(),
                            group.width(),
                            "%.3f [%.3f, %.3f]".formatted(e.value(), e.low(), e.high())));
        }
        boolean any =
                cheaper.stream().anyMatch(group -> group.ratio().estimate().isPresent());
        return any
                ? "\n" + text.text() + "\n"
                : "next cheaper widths: none is known; --neighbourhood measures what widths cost\n";
    }

    private String error() {
        return Text.heldOut(heldOut);
    }

    private static String seconds(Quantity quantity) {
        return shown(quantity, seconds -> seconds == 0 ? "-" : Text.seconds(seconds));
    }

    private static String shown(Quantity quantity, DoubleFunction<String> format) {
        return quantity.estimate().map(e -> format.apply(e.value())).orElse("-");
    }
}
