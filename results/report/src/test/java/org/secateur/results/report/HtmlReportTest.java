package org.secateur.results.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.statistics.Estimate;
import org.secateur.results.report.ReportData.Epoch;
import org.secateur.results.report.ReportData.Fact;
import org.secateur.results.report.ReportData.History;
import org.secateur.results.report.ReportData.Plan;
import org.secateur.results.report.ReportData.Prediction;
import org.secateur.results.report.ReportData.Result;
import org.secateur.results.report.ReportData.StairPoint;
import org.secateur.results.report.ReportData.Staircase;
import org.secateur.results.report.ReportData.TimeParts;
import org.secateur.results.report.ReportData.WidthHistory;
import org.secateur.results.report.ReportData.WidthPoint;

class HtmlReportTest {
    private static final String HOSTILE = "conv1 </script><img src=x onerror=\"alert('1')\"> & co";

    @TempDir
    Path directory;

    @Test
    void aReportHasAllItsSectionsAndPlots() throws IOException {
        String html = write(data("Test CPU"));
        assertThat(html)
                .startsWith("<!DOCTYPE html>")
                .contains("pruned resnet8 trains 1.34x faster [1.31,\u00a01.37], top-1")
                .contains(
                        "id=\"warnings\"",
                        "id=\"results\"",
                        "id=\"time\"",
                        "id=\"epochs\"",
                        "id=\"widths\"",
                        "id=\"plans\"",
                        "id=\"predictions\"",
                        "id=\"staircases\"",
                        "id=\"facts\"")
                .contains("12.30\u202fms <span class=\"interval\">[12.10, 12.60]</span>")
                .contains("78.10\u202f%")
                .contains("modelled: power times time", "no counter here");
        JsonNode plots = plots(html);
        List<String> ids = new ArrayList<>();
        plots.fieldNames().forEachRemaining(ids::add);
        assertThat(ids)
                .containsExactly(
                        "time-plot",
                        "accuracy-plot",
                        "step-plot",
                        "widths-plot",
                        "predictions-plot",
                        "stairs-0",
                        "stairs-1",
                        "stairs-2");
        assertThat(ids)
                .allSatisfy(id -> assertThat(html).contains("<canvas id=\"" + id + "\" role=\"img\" aria-label="));
        assertThat(plots.at("/stairs-0/y").asText()).isEqualTo("time (ms)");
        assertThat(plots.at("/stairs-0/series/0/points/0/y").asDouble()).isBetween(0.1, 1000.0);
    }

    /** A map without an order of its own would give other bytes in another process. */
    @Test
    void thePlotsFieldsComeInAFixedOrder() throws IOException {
        assertThat(write(data("Test CPU")))
                .contains("{\"name\":\"regulariser\",\"values\":[")
                .contains("\"style\":\"step\",\"points\":[{\"x\":0.0,\"y\":16.0},{\"x\":3.0,\"y\":14.0},")
                .contains("\"style\":\"guide\",\"points\":[{\"x\":0.0,\"y\":0.0},{\"x\":");
    }

    @Test
    void nothingIsFetched() throws IOException {
        String html = write(data("Test CPU", "conv1"));
        String markup = html.replaceAll("(?s)<script[^>]*>.*?</script>", "");
        assertThat(markup).doesNotContain("src=", "href=", "url(", "@import", "http:", "https:");
        assertThat(markup).contains("default-src 'none'");
        assertThat(html).doesNotContain("sourceMappingURL=chart").contains("Chart.js v");
    }

    @Test
    void namesAreEscapedInMarkupAndData() throws IOException {
        String html = write(data("Test CPU"));
        assertThat(html)
                .doesNotContain("<img")
                .contains("conv1 &lt;/script&gt;&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt; &amp; co");
        // One data element and two scripts, each closed once.
        assertThat(Pattern.compile("</script>").matcher(html).results().count()).isEqualTo(3);
        assertThat(plots(html).at("/widths-plot/series/0/name").asText()).isEqualTo(HOSTILE);
    }

    @Test
    void emptySectionsAreLeftOut() throws IOException {
        ReportData empty = new ReportData(
                "t",
                "v",
                "Test CPU",
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                List.of());
        assertThat(write(empty)).doesNotContain("<section", "<aside", "<canvas");
    }

    @Test
    void aStandInsNumbersAreRefused() {
        assertThatThrownBy(() -> write(data("STAND-IN 0")))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("STAND-IN 0")
                .extracting(e -> ((SecateurException) e).exit())
                .isEqualTo(ExitCode.BAD_INPUT);
    }

    @Test
    void aFileThatCannotBeWrittenIsNamedAndNothingIsLeftBehind() throws IOException {
        Path plain = Files.writeString(directory.resolve("plain"), "");
        assertThatThrownBy(() -> HtmlReport.write(data("Test CPU"), plain.resolve("report.html")))
                .isInstanceOf(SecateurException.class)
                .hasMessageContaining("report.html")
                .extracting(e -> ((SecateurException) e).exit())
                .isEqualTo(ExitCode.ENVIRONMENT);
        write(data("Test CPU"));
        write(data("Test CPU"));
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactlyInAnyOrder(plain, directory.resolve("report.html"));
        }
    }

    @Test
    void numbersAreGivenDigitsThatTheirIntervalsBear() {
        assertThat(Scale.text(measured(0.0123, 0.0121, 0.0126), Unit.SECONDS))
                .isEqualTo("12.30\u202fms [12.10, 12.60]");
        assertThat(Scale.text(measured(4.12e7, 4.12e7, 4.12e7), Unit.COUNT)).isEqualTo("41.2\u202fM");
        assertThat(Scale.text(measured(272, 272, 272), Unit.COUNT)).isEqualTo("272");
        assertThat(Scale.text(measured(0.781, 0.773, 0.789), Unit.FRACTION)).isEqualTo("78.10\u202f% [77.30, 78.90]");
        assertThat(Scale.text(measured(-0.004, -0.01, 0.002), Unit.FRACTION))
                .isEqualTo("\u22120.40\u202f% [\u22121.00, 0.20]");
        assertThat(Scale.text(measured(0, 0, 0), Unit.JOULES)).isEqualTo("0\u202fJ");
        assertThat(Scale.text(measured(1234.5, 1234.5, 1234.5), Unit.SECONDS)).isEqualTo("1235\u202fs");
        assertThat(Scale.text(measured(2.5e-7, 2.4e-7, 2.6e-7), Unit.SECONDS)).isEqualTo("250\u202fns [240, 260]");
        assertThat(Scale.text(Quantity.unavailable("r"), Unit.SECONDS)).isEqualTo("–");
    }

    private String write(ReportData data) throws IOException {
        Path file = directory.resolve("report.html");
        HtmlReport.write(data, file);
        return Files.readString(file);
    }

    private static JsonNode plots(String html) throws IOException {
        Matcher element =
                Pattern.compile("id=\"plots\">(.*?)</script>", Pattern.DOTALL).matcher(html);
        assertThat(element.find()).isTrue();
        return JsonMapper.builder().build().readTree(element.group(1));
    }

    private static Quantity measured(double value, double low, double high) {
        return Quantity.measured(new Estimate(value, low, high, 0.95, 9));
    }

    private static Quantity near(double value) {
        return measured(value, value * 0.98, value * 1.03);
    }

    /** A made-up run. */
    private static ReportData data(String device) {
        return data(device, HOSTILE);
    }

    private static ReportData data(String device, String name) {
        List<Result> results = List.of(
                new Result("top-1 accuracy", Unit.FRACTION, near(0.785), measured(0.781, 0.773, 0.789), NOT_PREDICTED),
                new Result("training step", Unit.SECONDS, near(0.0201), measured(0.0123, 0.0121, 0.0126), near(0.0121)),
                new Result("inference latency", Unit.SECONDS, near(0.0031), near(0.0021), near(0.00205)),
                new Result(
                        "energy of a step",
                        Unit.JOULES,
                        Quantity.unavailable("no counter here"),
                        Quantity.modelled(Estimate.exact(0.31), "power times time"),
                        Quantity.unavailable("no counter here")),
                new Result("multiply-accumulates", Unit.COUNT, exact(41.2e6), exact(22.6e6), exact(22.6e6)),
                new Result("parameters", Unit.COUNT, exact(272_474), exact(141_002), exact(141_002)));
        List<Staircase> stairs = new ArrayList<>();
        for (String layer : List.of("stage1.block0.conv1", "stage2.block1.conv2", name)) {
            List<StairPoint> points = new ArrayList<>();
            for (int width = 8; width <= 128; width += 8) {
                double cliff = width > 96 ? 3.5e-3 : 0;
                points.add(new StairPoint(width, near(0.4e-3 * Math.ceil(width / 16.0) + 0.8e-3 + cliff)));
            }
            stairs.add(new Staircase(layer, "output channels", Set.of(96), points));
        }
        List<WidthHistory> widths = new ArrayList<>();
        for (int g = 0; g < 11; g++) {
            widths.add(new WidthHistory(
                    g == 0 ? name : "stage" + (1 + g / 4) + ".block" + g % 4,
                    List.of(
                            new WidthPoint(0, narrow(16, g)),
                            new WidthPoint(3, narrow(14, g)),
                            new WidthPoint(6, narrow(11, g)),
                            new WidthPoint(12, narrow(11, g)))));
        }
        List<Epoch> dense = new ArrayList<>();
        List<Epoch> pruned = new ArrayList<>();
        for (int e = 1; e <= 12; e++) {
            double top1 = 0.8 - 0.5 / e;
            dense.add(new Epoch(e, measured(top1, top1 - 0.01, top1 + 0.01), near(0.0201)));
            pruned.add(new Epoch(
                    e, measured(top1 - 0.01, top1 - 0.02, top1), near(e < 3 ? 0.0203 : e < 6 ? 0.016 : 0.0123)));
        }
        Map<String, Double> denseTime = new LinkedHashMap<>();
        denseTime.put("steps", 101.2);
        denseTime.put("evaluation", 6.1);
        Map<String, Double> prunedTime = new LinkedHashMap<>();
        prunedTime.put("steps", 66.0);
        prunedTime.put("evaluation", 4.2);
        prunedTime.put("regulariser", 3.3);
        prunedTime.put("measuring", 5.9);
        prunedTime.put("reconfiguring", 0.4);
        List<Prediction> predictions = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            predictions.add(new Prediction(
                    "plan-" + i, Quantity.derived(Estimate.exact(0.010 + i * 0.0013)), near(0.0102 + i * 0.00135)));
        }
        return new ReportData(
                "run resnet8 on shapes",
                "pruned resnet8 trains 1.34x faster [1.31, 1.37], top-1 \u22120.4 points [\u22121.0, +0.2]",
                device,
                List.of(
                        new Fact("command", "secateur run --network resnet8 --data shapes --seed 1"),
                        new Fact("seed", "1"),
                        new Fact("fingerprint", "0123456789abcdef"),
                        new Fact("versions", "libtorch 2.10.0, JVM 21")),
                List.of("3 of 120 measurements are WIDE: their interval is wider than 1 %."),
                results,
                stairs,
                widths,
                List.of(new History("dense", dense), new History("pruned", pruned)),
                predictions,
                List.of(new Plan(
                        3,
                        "accepted",
                        List.of("stage1: 16 to 14 channels, both empty", "stage3: 64 to 56 channels"),
                        "one step of cost less",
                        Unit.SECONDS,
                        near(0.0201),
                        near(0.016),
                        near(0.0163))),
                List.of(new TimeParts("dense", denseTime), new TimeParts("pruned", prunedTime)));
    }

    private static int narrow(int channels, int group) {
        return channels * (1 << (group / 4)) - group;
    }

    private static final Quantity NOT_PREDICTED = Quantity.unavailable("accuracy is not predicted");

    private static Quantity exact(double value) {
        return Quantity.derived(Estimate.exact(value));
    }
}
