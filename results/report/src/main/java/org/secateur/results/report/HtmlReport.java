package org.secateur.results.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.SecateurException;
import org.secateur.results.report.Html.Cell;
import org.secateur.results.report.ReportData.Prediction;
import org.secateur.results.report.ReportData.TimeParts;

/**
 * The report of a run as one HTML file: style, plot library (Chart.js) and data are inside, and a content security
 * policy forbids fetching anything. Every plot has its numbers in a table beside it.
 */
public final class HtmlReport {
    private final ReportData data;
    private final Map<String, Object> plots = new LinkedHashMap<>();

    private HtmlReport(ReportData data) {
        this.data = data;
    }

    /** Whether a device is a stand-in of the tests, of whose numbers no report is made. */
    public static boolean refuses(String device) {
        return device.startsWith("STAND-IN");
    }

    /**
     * Writes the report, whole or not at all.
     *
     * @throws SecateurException with exit code 2 when the device is a stand-in, whose numbers mean nothing, and with
     *     exit code 3 when the file cannot be written
     */
    public static void write(ReportData data, Path file) {
        if (refuses(data.device())) {
            throw SecateurException.badInput(
                    "a stand-in device measures nothing real", data.device(), "report a run on a real device");
        }
        byte[] html = new HtmlReport(data).html().getBytes(StandardCharsets.UTF_8);
        Path whole = file.toAbsolutePath();
        Path part = whole.resolveSibling(whole.getFileName() + ".part");
        try {
            Files.write(part, html);
            Files.move(part, whole, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new SecateurException(
                    ExitCode.ENVIRONMENT,
                    "the report cannot be written",
                    file.toString(),
                    "make its directory writable and free space on the disk",
                    e);
        } finally {
            discard(part);
        }
    }

    /** After a move there is nothing to discard; after a failure that failure is what matters. */
    private static void discard(Path part) {
        try {
            Files.deleteIfExists(part);
        } catch (IOException e) {
            // the file's directory is not writable, which has been reported
        }
    }

    private String html() {
        String body = warnings()
                + results()
                + times()
                + histories()
                + widths()
                + plans()
                + predictions()
                + staircases()
                + facts();
        return "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                + "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                + "<meta name=\"color-scheme\" content=\"light dark\">\n"
                + "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline';"
                + " script-src 'unsafe-inline'; img-src data:\">\n"
                + "<title>" + Html.escape(data.title()) + " – Secateur</title>\n<style>\n"
                + resource("report.css") + "</style>\n</head>\n<body>\n<main>\n<header><h1>"
                + Html.escape(data.title()) + "</h1>\n<p class=\"verdict\">" + Html.escape(unbroken(data.verdict()))
                + "</p>\n<p>"
                + Html.escape(data.device()) + "</p></header>\n" + body + "</main>\n"
                + "<script type=\"application/json\" id=\"plots\">" + json(plots) + "</script>\n<script>"
                + script(chartLibrary()) + "</script>\n<script>\n" + script(resource("report.js"))
                + "</script>\n</body>\n</html>\n";
    }

    private String warnings() {
        if (data.warnings().isEmpty()) {
            return "";
        }
        StringBuilder html = new StringBuilder("<aside id=\"warnings\"><h2>Warnings</h2><ul>");
        data.warnings().forEach(w -> html.append("<li>").append(Html.escape(w)).append("</li>"));
        return html.append("</ul></aside>\n").toString();
    }

    private String results() {
        List<List<Cell>> rows = data.results().stream()
                .map(r -> List.of(
                        Cell.text(r.name()),
                        Cell.of(r.dense(), r.unit()),
                        Cell.of(r.pruned(), r.unit()),
                        Cell.of(r.predicted(), r.unit())))
                .toList();
        return section(
                "results",
                "Results",
                "Each number with its interval in brackets, and under it where it comes from.",
                rows.isEmpty()
                        ? ""
                        : Html.table("Dense and pruned", List.of("", "dense", "pruned", "predicted for pruned"), rows));
    }

    private String times() {
        List<List<Cell>> rows = new ArrayList<>();
        for (TimeParts time : data.times()) {
            time.seconds()
                    .forEach((part, seconds) -> rows.add(List.of(
                            Cell.text(time.name()), Cell.text(part), Cell.number(Scale.text(seconds, Unit.SECONDS)))));
            double total = time.seconds().values().stream()
                    .mapToDouble(Double::doubleValue)
                    .sum();
            rows.add(List.of(Cell.text(time.name()), Cell.text("total"), Cell.number(Scale.text(total, Unit.SECONDS))));
        }
        return section(
                "time",
                "Where the time went",
                "The wall time of each training by part; choosing the layout, measuring, verifying and reconfiguring count.",
                data.times().isEmpty()
                        ? ""
                        : plot(
                                "time-plot",
                                "time of each training by part",
                                Plots.times(data.times()),
                                Html.table("Time by part", List.of("training", "part", "time"), rows)));
    }

    private String histories() {
        List<List<Cell>> rows = data.histories().stream()
                .flatMap(h -> h.epochs().stream()
                        .map(e -> List.of(
                                Cell.text(h.name()),
                                Cell.number(epoch(e.epoch())),
                                Cell.of(e.top1(), Unit.FRACTION),
                                Cell.of(e.stepSeconds(), Unit.SECONDS))))
                .toList();
        if (rows.isEmpty()) {
            return "";
        }
        String table = Html.table("Epochs", List.of("training", "epoch", "top-1", "step"), rows);
        return section(
                "epochs",
                "Accuracy and step time over epochs",
                "Both trainings ran in one process in alternating epochs, so that drift hits both.",
                "<div class=\"pair\">"
                        + plot("accuracy-plot", "accuracy over epochs", Plots.accuracy(data.histories()), table)
                        + plot("step-plot", "step time over epochs", Plots.stepTime(data.histories()), table)
                        + "</div>");
    }

    private String widths() {
        List<List<Cell>> rows = data.widths().stream()
                .flatMap(g -> g.points().stream()
                        .map(p -> List.of(
                                Cell.text(g.group()),
                                Cell.number(epoch(p.epoch())),
                                Cell.number(Integer.toString(p.channels())))))
                .toList();
        return section(
                "widths",
                "Widths over time",
                "The channels of each group; a group is all channels that live and die together.",
                rows.isEmpty()
                        ? ""
                        : plot(
                                "widths-plot",
                                "channels of each group over epochs",
                                Plots.widths(data.widths()),
                                Html.table("Widths", List.of("group", "from epoch", "channels"), rows)));
    }

    private String plans() {
        List<List<Cell>> rows = data.plans().stream()
                .map(p -> List.of(
                        Cell.number(epoch(p.epoch())),
                        Cell.text(p.decision()),
                        new Cell(list(p.changes()), false),
                        Cell.text(p.reason()),
                        Cell.of(p.costBefore(), p.unit()),
                        Cell.of(p.costPredicted(), p.unit()),
                        Cell.of(p.costMeasured(), p.unit())))
                .toList();
        return section(
                "plans",
                "What was removed, and why",
                "One row per reconfiguration, with the cost that it was to lower: before it, predicted, and measured"
                        + " after it. Saliency is the criterion's score: what a group loses is a share of the whole"
                        + " network's.",
                rows.isEmpty()
                        ? ""
                        : Html.table(
                                "Reconfigurations",
                                List.of(
                                        "after epoch",
                                        "decision",
                                        "channels",
                                        "why",
                                        "cost before",
                                        "predicted",
                                        "measured"),
                                rows));
    }

    private static String list(List<String> sentences) {
        StringBuilder html = new StringBuilder("<ul>");
        sentences.forEach(s -> html.append("<li>").append(Html.escape(s)).append("</li>"));
        return html.append("</ul>").toString();
    }

    private String predictions() {
        List<List<Cell>> rows = data.predictions().stream()
                .map(p -> List.of(
                        Cell.text(p.name()),
                        Cell.of(p.predictedSeconds(), Unit.SECONDS),
                        Cell.of(p.measuredSeconds(), Unit.SECONDS),
                        Cell.number(error(p))))
                .toList();
        return section(
                "predictions",
                "Predicted against measured",
                "The time of whole steps; on the line, the prediction was right.",
                rows.isEmpty()
                        ? ""
                        : plot(
                                "predictions-plot",
                                "predicted against measured time of a step",
                                Plots.predictions(data.predictions()),
                                Html.table(
                                        "Predicted against measured",
                                        List.of("step", "predicted", "measured", "error"),
                                        rows)));
    }

    private static String error(Prediction p) {
        return p.predictedSeconds()
                .estimate()
                .flatMap(predicted -> p.measuredSeconds()
                        .estimate()
                        .filter(measured -> measured.value() > 0)
                        .map(measured -> Scale.text(predicted.value() / measured.value() - 1, Unit.FRACTION)))
                .orElse("–");
    }

    private String staircases() {
        StringBuilder html = new StringBuilder();
        for (int i = 0; i < data.staircases().size(); i++) {
            ReportData.Staircase stairs = data.staircases().get(i);
            List<List<Cell>> rows = stairs.points().stream()
                    .map(p -> List.of(Cell.number(Integer.toString(p.width())), Cell.of(p.seconds(), Unit.SECONDS)))
                    .toList();
            html.append("<div><h3>").append(Html.escape(stairs.layer())).append("</h3>");
            html.append(plot(
                    "stairs-" + i,
                    "time of " + stairs.layer() + " by " + stairs.widthName(),
                    Plots.staircase(stairs),
                    Html.table(stairs.layer(), List.of(stairs.widthName(), "time"), rows)));
            html.append("</div>\n");
        }
        return section(
                "staircases",
                "What each layer costs at each width",
                "Measured points; the filled diamond is the width after pruning.",
                html.isEmpty() ? "" : "<div class=\"grid\">" + html + "</div>");
    }

    private String facts() {
        StringBuilder html = new StringBuilder("<dl>");
        data.facts()
                .forEach(f -> html.append("<dt>")
                        .append(Html.escape(f.name()))
                        .append("</dt><dd>")
                        .append(Html.escape(f.value()))
                        .append("</dd>"));
        return section(
                "facts",
                "The run",
                "What is needed to repeat it.",
                data.facts().isEmpty() ? "" : html.append("</dl>").toString());
    }

    private String plot(String id, String label, Map<String, Object> plot, String table) {
        plots.put(id, plot);
        return Html.plot(id, label, table);
    }

    private static String section(String id, String title, String explanation, String content) {
        return content.isEmpty() ? "" : Html.section(id, title, explanation, content);
    }

    private static String epoch(double epoch) {
        return Scale.text(epoch, Unit.RATIO);
    }

    /** The sentence with intervals that no line break divides. */
    private static String unbroken(String sentence) {
        return sentence.replaceAll("(\\[[^\\[\\], ]+,) (?=[^\\[\\] ]+\\])", "$1\u00a0");
    }

    /** Text inside a script element must not close it. */
    private static String script(String source) {
        return source.replace("</", "<\\/");
    }

    private static String json(Map<String, Object> value) {
        try {
            return JsonMapper.builder().build().writeValueAsString(value).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("plain values are always JSON", e);
        }
    }

    private static String chartLibrary() {
        Properties webjar = new Properties();
        try (InputStream in = open("/META-INF/maven/org.webjars.npm/chart.js/pom.properties")) {
            webjar.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String path =
                "/META-INF/resources/webjars/chart.js/" + webjar.getProperty("version") + "/dist/chart.umd.min.js";
        // The map of the library's own sources is not here, and a browser's tools would ask for it.
        return resource(path).replaceFirst("//# sourceMappingURL=\\S+\\s*$", "");
    }

    private static String resource(String name) {
        try (InputStream in = open(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static InputStream open(String name) {
        return Objects.requireNonNull(HtmlReport.class.getResourceAsStream(name), () -> name + " is on the class path");
    }
}
