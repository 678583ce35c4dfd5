package org.secateur.results.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.secateur.results.core.Provenance;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.report.ReportData.Epoch;
import org.secateur.results.report.ReportData.History;
import org.secateur.results.report.ReportData.Prediction;
import org.secateur.results.report.ReportData.Staircase;
import org.secateur.results.report.ReportData.TimeParts;
import org.secateur.results.report.ReportData.WidthHistory;

/**
 * The plots as plain values that {@code report.js} draws: numbers are in the unit that the axis names. Fields keep
 * their order, so that the same run gives the same bytes in every process.
 */
final class Plots {
    private Plots() {}

    static Map<String, Object> staircase(Staircase stairs) {
        Scale scale = scale(Unit.SECONDS, stairs.points().stream().map(ReportData.StairPoint::seconds));
        List<Object> points = new ArrayList<>();
        List<Object> pruned = new ArrayList<>();
        stairs.points()
                .forEach(p -> p.seconds().estimate().ifPresent(e -> {
                    points.add(point(p.width(), e, scale));
                    if (stairs.pruned().contains(p.width())) {
                        pruned.add(point(p.width(), e, scale));
                    }
                }));
        List<Object> series = new ArrayList<>(List.of(series("measured", points, "interval")));
        if (!pruned.isEmpty()) {
            series.add(series("width after pruning", pruned, "mark"));
        }
        return lines(stairs.widthName(), "time (" + scale.symbol() + ")", series, true);
    }

    static Map<String, Object> widths(List<WidthHistory> groups) {
        List<Object> series = new ArrayList<>();
        for (WidthHistory group : groups) {
            List<Object> points = new ArrayList<>();
            group.points().forEach(p -> points.add(place(p.epoch(), p.channels())));
            series.add(series(group.group(), points, "step"));
        }
        return lines("epoch", "channels", series, true);
    }

    static Map<String, Object> accuracy(List<History> histories) {
        return histories(histories, Unit.FRACTION, "top-1 accuracy", Epoch::top1, false);
    }

    static Map<String, Object> stepTime(List<History> histories) {
        return histories(histories, Unit.SECONDS, "time of a step", Epoch::stepSeconds, true);
    }

    private static Map<String, Object> histories(
            List<History> histories, Unit unit, String name, Function<Epoch, Quantity> value, boolean fromZero) {
        Scale scale =
                scale(unit, histories.stream().flatMap(h -> h.epochs().stream()).map(value));
        List<Object> series = new ArrayList<>();
        for (History history : histories) {
            List<Object> points = new ArrayList<>();
            history.epochs()
                    .forEach(e ->
                            value.apply(e).estimate().ifPresent(number -> points.add(point(e.epoch(), number, scale))));
            series.add(series(history.name(), points, "interval"));
        }
        return lines("epoch", name + " (" + scale.symbol() + ")", series, fromZero);
    }

    static Map<String, Object> predictions(List<Prediction> predictions) {
        Scale scale = scale(
                Unit.SECONDS, predictions.stream().flatMap(p -> Stream.of(p.predictedSeconds(), p.measuredSeconds())));
        Map<String, List<Object>> points = new LinkedHashMap<>();
        double largest = 0;
        for (Prediction p : predictions) {
            Optional<Estimate> predicted = p.predictedSeconds().estimate();
            Optional<Estimate> measured = p.measuredSeconds().estimate();
            if (predicted.isPresent() && measured.isPresent()) {
                double x = scale.apply(predicted.get().value());
                Map<String, Object> point = point(x, measured.get(), scale);
                point.put("name", p.name());
                String name = p.predictedSeconds().provenance() instanceof Provenance.Modelled modelled
                        ? "steps, modelled: " + modelled.model()
                        : "steps";
                points.computeIfAbsent(name, n -> new ArrayList<>()).add(point);
                largest =
                        Math.max(largest, Math.max(x, scale.apply(measured.get().value())));
            }
        }
        List<Object> equal = List.of(place(0, 0), place(largest * 1.05, largest * 1.05));
        List<Object> series = new ArrayList<>();
        points.forEach((name, dots) -> series.add(series(name, dots, "dots")));
        series.add(series("equal", equal, "guide"));
        return lines("predicted (" + scale.symbol() + ")", "measured (" + scale.symbol() + ")", series, true);
    }

    static Map<String, Object> times(List<TimeParts> times) {
        Scale scale = Scale.of(
                Unit.SECONDS,
                times.stream()
                        .flatMapToDouble(t -> t.seconds().values().stream().mapToDouble(Double::doubleValue)));
        List<String> parts = times.stream()
                .flatMap(t -> t.seconds().keySet().stream())
                .distinct()
                .toList();
        List<Object> series = new ArrayList<>();
        for (String part : parts) {
            List<Double> values = times.stream()
                    .map(t -> scale.apply(t.seconds().getOrDefault(part, 0.0)))
                    .toList();
            Map<String, Object> bars = new LinkedHashMap<>();
            bars.put("name", part);
            bars.put("values", values);
            series.add(bars);
        }
        Map<String, Object> plot = new LinkedHashMap<>();
        plot.put("kind", "bars");
        plot.put("labels", times.stream().map(TimeParts::name).toList());
        plot.put("x", "time (" + scale.symbol() + ")");
        plot.put("series", series);
        return plot;
    }

    private static Map<String, Object> lines(String x, String y, List<Object> series, boolean fromZero) {
        Map<String, Object> plot = new LinkedHashMap<>();
        plot.put("kind", "lines");
        plot.put("x", x);
        plot.put("y", y);
        plot.put("fromZero", fromZero);
        plot.put("series", series);
        return plot;
    }

    private static Map<String, Object> series(String name, List<Object> points, String style) {
        Map<String, Object> series = new LinkedHashMap<>();
        series.put("name", name);
        series.put("style", style);
        series.put("points", points);
        return series;
    }

    private static Map<String, Object> point(double x, Estimate e, Scale scale) {
        Map<String, Object> point = place(x, scale.apply(e.value()));
        point.put("low", scale.apply(e.low()));
        point.put("high", scale.apply(e.high()));
        return point;
    }

    private static Map<String, Object> place(double x, double y) {
        Map<String, Object> place = new LinkedHashMap<>();
        place.put("x", x);
        place.put("y", y);
        return place;
    }

    private static Scale scale(Unit unit, Stream<Quantity> quantities) {
        return Scale.of(
                unit,
                quantities.flatMapToDouble(
                        q -> q.estimate().stream().flatMapToDouble(e -> DoubleStream.of(e.value()))));
    }
}
