package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.secateur.harness.cli.LayerTime.Best;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.core.statistics.Estimate;

/**
 * What {@code profile} tells.
 *
 * @param store the file that holds the table
 * @param points how many workloads were asked for
 * @param measuredPoints how many of them were measured now
 */
record ProfileResult(
        String network,
        int batch,
        Path store,
        CostTable table,
        int points,
        int measuredPoints,
        HeldOut heldOut,
        double measuringSeconds,
        List<LayerTime> layers,
        List<String> warnings) {
    /** More would not fit on a screen. */
    private static final int SHOWN_LAYERS = 15;

    ProfileResult {
        layers = List.copyOf(layers);
        warnings = List.copyOf(warnings);
    }

    String json(Map<String, Object> device) {
        Best best = Best.of(table);
        Map<String, Object> document = Json.document("profile", device, warnings);
        document.put("network", network);
        document.put("batch", batch);
        Map<String, Object> where = new LinkedHashMap<>();
        where.put("path", store);
        where.put("id", table.fingerprint().id());
        document.put("table", where);
        document.put("points", points);
        document.put("measuredPoints", measuredPoints);
        Map<String, Object> error = new LinkedHashMap<>();
        error.put("median", heldOut.median());
        error.put("p95", heldOut.p95());
        document.put("heldOutError", error);
        document.put("measuringSeconds", measuringSeconds);
        Map<String, Object> rates = new LinkedHashMap<>();
        rates.put("flopsPerSecond", best.flopsPerSecond());
        rates.put("bytesPerSecond", best.bytesPerSecond());
        document.put("bestAchieved", rates);
        List<Object> ranked = new ArrayList<>();
        for (LayerTime layer : layers) {
            Map<String, Object> json = new LinkedHashMap<>();
            json.put("name", layer.layer());
            json.put("forwardSeconds", layer.forwardSeconds());
            json.put("backwardSeconds", layer.backwardSeconds());
            json.put("share", layer.share());
            json.put("flopsPerSecond", layer.flopsPerSecond());
            json.put("bytesPerSecond", layer.bytesPerSecond());
            json.put("bound", layer.bound());
            ranked.add(json);
        }
        document.put("layers", ranked);
        return Json.write(document);
    }

    String text() {
        Best best = Best.of(table);
        Columns text = new Columns(
                "layer", "forward", "backward", "share", "FLOP/s", "of best", "bytes/s", "of best", "bound");
        for (LayerTime layer : layers.subList(0, Math.min(SHOWN_LAYERS, layers.size()))) {
            text.row(
                    layer.layer(),
                    seconds(layer.forwardSeconds()),
                    seconds(layer.backwardSeconds()),
                    Text.percent(layer.share()),
                    Text.si(layer.flopsPerSecond()),
                    Text.percent(layer.flopsPerSecond() / best.flopsPerSecond()),
                    Text.si(layer.bytesPerSecond()),
                    Text.percent(layer.bytesPerSecond() / best.bytesPerSecond()),
                    layer.bound());
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
        all.append("\nThe bound is what a roofline of the best rates seen in this table says: %sFLOP/s, %sB/s.%n"
                .formatted(Text.si(best.flopsPerSecond()), Text.si(best.bytesPerSecond())));
        all.append("held-out error: ").append(error()).append('\n');
        warnings.forEach(warning -> all.append("warning: ").append(warning).append('\n'));
        return all.toString();
    }

    private String error() {
        return switch (heldOut.median()) {
            case Quantity.Missing missing -> "none: " + missing.reason();
            case Quantity.Known known ->
                "median " + Text.percent(known.number().value()) + ", 95th percentile "
                        + heldOut.p95()
                                .estimate()
                                .map(Estimate::value)
                                .map(Text::percent)
                                .orElse("-") + " over "
                        + heldOut.predicted() + " of " + heldOut.asked() + " rows, each predicted from the others";
        };
    }

    private static String seconds(Quantity quantity) {
        return quantity.estimate()
                .map(e -> e.value() == 0 ? "-" : Text.seconds(e.value()))
                .orElse("-");
    }
}
