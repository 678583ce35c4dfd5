package org.secateur.results.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.secateur.results.core.Block;
import org.secateur.results.core.Conditions;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.Measurement;
import org.secateur.results.core.Quantity;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.Variant;
import org.secateur.results.core.cost.CostTable;

class TableJsonTest {
    @TempDir
    Path directory;

    @Test
    void aTableSurvivesTheRoundTripToTheLastBit() throws IOException {
        CostTable table = Samples.table(7);
        assertThat(TableJson.read(new StringReader(write(table)), "t.json")).isEqualTo(table);
        CostTable told = Samples.told(5);
        assertThat(TableJson.read(new StringReader(write(told)), "t.json")).isEqualTo(told);
        CostTable empty = Samples.table(0);
        assertThat(TableJson.read(new StringReader(write(empty)), "t.json")).isEqualTo(empty);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`\"schema\" : 1`                | `\"schema\" : 2`                 | schema 2 is not known: expected 1, at line 2",
                "`\"schema\" : 1,`               | ``                               | schema is missing",
                "`\"device\" : {`                | `\"colour\" : {`                 | unknown field colour",
                "`\"regime\" : \"COLD\"`         | `\"regime\" : \"TEPID\"`         | rows[0].regime is \"TEPID\": expected one of [HOT, COLD], at line",
                "`\"algorithm\" : \"onednn\",`   | ``                               | rows[0].variant.algorithm is missing, at line",
                "`\"launchesPerSample\" : 3`     | `\"launchesPerSample\" : 0`      | at least 1, at line",
                "`\"launchesPerSample\" : 3`     | `\"launchesPerSample\" : 2.5`    | expected a whole number, at line",
                "`\"launchesPerSample\" : 3`     | `\"launchesPerSample\" : NaN`    | Non-standard token 'NaN'",
                "`\"launchesPerSample\" : 3,`    | `\"launchesPerSample\" : 3, \"launchesPerSample\" : 4,` | Duplicate field",
                "`\"confidence\" : 0.953125`     | `\"confidence\" : 1e999`         | rows[0].timeSeconds.confidence is too large",
                "`\"provenance\" : \"MEASURED\"` | `\"provenance\" : \"GUESSED\"`   | GUESSED",
                "`n=8 in=16`                     | `n=8 in=0`                       | linear",
                "`n=8 in=16`                     | `n=8`                            | in is missing",
                "`n=8 in=32`                     | `n=8 in=16`                      | a workload has two rows",
                "`\"threads\" : \"2\"`           | `\"threads\" : \"4\"`            | its identity fields give",
                "`2025-03-01T12`                 | `yesterday`                      | yesterday",
                "`\"reason\" : \"no`             | `\"excuse\" : \"no`              | unknown field rows[0].energyJoules.excuse",
            })
    void whatIsWrongInATableIsNamedWithItsPlace(String right, String wrong, String message) {
        refused(
                text -> {
                    assertThat(text).contains(right);
                    return text.replaceFirst(java.util.regex.Pattern.quote(right), wrong);
                },
                message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`\"run\" : 1`                | `\"run\" : 2`                 | there are 2 runs",
                "`\"run\" : 1`                | `\"run\" : -1`                | rows[2].run is -1: expected 0",
                "`\"granularitySeconds\" : 2` | `\"granularitySeconds\" : \"2\", \"x\" : 2` | runs[0].calibration.granularitySeconds is not a number, at line",
                "`\"pairs\" : 3`              | `\"pairs\" : 20`              | pairs is 20, but pairSeconds holds 3",
                "`\"predicted\" : 2`          | `\"predicted\" : 3`           | predicted is 3, but there are 2 errors",
                "`\"verdict\" : \"UNDECIDED\"`| `\"verdict\" : \"LESS\"`      | expected one of [FASTER, SLOWER, SAME, UNDECIDED]",
                "`\"flags\" : [ \"WIDE\", \"CONTENDED\" ]`| `\"flags\" : [ \"WIDE\" ]`  | timeSeconds has other flags than its row, at line",
                "`\"seed\" : 1,`              | `\"seed\" : 1, \"sead\" : 1,`  | unknown field runs[0].sead",
            })
    void whatIsWrongInARunIsNamedWithItsPlace(String right, String wrong, String message) throws IOException {
        String text = write(Samples.told(3));
        assertThat(text).contains(right);
        String spoilt = text.replaceFirst(
                java.util.regex.Pattern.quote(right), java.util.regex.Matcher.quoteReplacement(wrong));
        assertThatThrownBy(() -> TableJson.read(new StringReader(spoilt), "bad.json"))
                .isInstanceOf(SecateurException.class)
                .hasMessageContainingAll("bad.json", message);
    }

    @Test
    void aTableThatIsCutShortAnywhereIsRefused() throws IOException {
        String text = write(Samples.table(1)).strip();
        for (int length = 0; length < text.length(); length += 7) {
            String cut = text.substring(0, length);
            assertThatThrownBy(() -> TableJson.read(new StringReader(cut), "torn.json"))
                    .isInstanceOf(SecateurException.class)
                    .hasMessageContaining("torn.json");
        }
    }

    @Test
    void somethingAfterTheTableIsRefused() {
        refused(text -> text + "{}", "something follows");
    }

    @Test
    void aMissingFileIsBadInput() {
        Path missing = directory.resolve("none.json");
        assertThatThrownBy(() -> TableJson.read(missing))
                .isInstanceOf(SecateurException.class)
                .hasMessageContainingAll("does not exist", missing.toString());
    }

    @Test
    void aSampleThatIsNotANumberIsNotWritten() {
        Measurement bad = new Measurement(
                Samples.key(16),
                new Variant("a", 0, true),
                Quantity.unavailable("r"),
                Quantity.unavailable("r"),
                List.of(new Block(1, new double[] {Double.NaN})),
                Map.of(),
                Conditions.NONE,
                Conditions.NONE,
                Set.of(),
                Samples.NOON);
        CostTable table = CostTable.of("d", Samples.HERE, List.of(bad));
        assertThatThrownBy(() -> write(table)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theTenLinesOfPythonReadATable() throws Exception {
        CostTable table = Samples.table(3);
        Path file = Files.writeString(directory.resolve("table.json"), write(table));
        Path script = Path.of(System.getProperty("secateur.home", "../.."), "docs", "read_table.py");
        Python.requirePresent();
        Process python = new ProcessBuilder("python3", script.toString(), file.toString())
                .redirectErrorStream(true)
                .start();
        List<String> lines = python.inputReader().lines().toList();
        assertThat(python.waitFor()).as(String.join("\n", lines)).isZero();
        assertThat(lines).hasSize(3);
        int row = 0;
        for (Measurement measurement : table.rows().values()) {
            String[] cells = lines.get(row++).split("\t", -1);
            assertThat(cells[0]).isEqualTo(measurement.key().workload().text());
            assertThat(Double.parseDouble(cells[2]))
                    .isEqualTo(measurement.seconds().estimate().orElseThrow().value());
        }
        assertThat(Files.readAllLines(script)).hasSizeLessThanOrEqualTo(10);
    }

    @Test
    void theCsvHasOneLinePerRowAndQuotesWhatNeedsIt() throws IOException {
        StringWriter out = new StringWriter();
        TableCsv.write(Samples.table(2), out);
        String[] lines = out.toString().split("\r\n", -1);
        assertThat(lines).hasSize(4);
        assertThat(lines[0]).startsWith("device,fingerprint,workload,").contains("timeSeconds", "energyJoules");
        assertThat(lines[1])
                .startsWith("\"Test \"\"9000\"\", 2 cores\"," + Samples.HERE.id() + ",linear n=8 in=16 out=10 ")
                .contains(",,,,,UNAVAILABLE,\"no counter, \"\"RAPL\"\" is hidden\",WIDE CONTENDED,2,2025-03-01T12:00");
        assertThat(lines[2]).contains(",MODELLED,\"power, times time\",,2,");
        assertThat(lines[3]).isEmpty();
    }

    private static void refused(UnaryOperator<String> spoil, String message) {
        assertThatThrownBy(() -> TableJson.read(new StringReader(spoil.apply(write(Samples.table(2)))), "bad.json"))
                .isInstanceOf(SecateurException.class)
                .hasMessageContainingAll("bad.json", message)
                .satisfies(e -> assertThat(((SecateurException) e).exit()).isEqualTo(ExitCode.BAD_INPUT))
                .message()
                .hasLineCount(1);
    }

    static String write(CostTable table) throws IOException {
        StringWriter out = new StringWriter();
        TableJson.write(table, out);
        return out.toString();
    }
}
