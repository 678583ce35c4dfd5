package org.secateur.harness.cli;

import java.io.IOException;
import java.io.StringWriter;
import java.io.Writer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.TableCsv;
import org.secateur.results.store.TableJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Writes a table as a file. */
@Command(
        name = "export",
        description = "Write a table as JSON, with all raw samples, or as CSV.",
        footer = {
            "",
            "Examples:",
            "  secateur table export --out costs.json",
            "  secateur table export 4f1c --format csv --out -"
        })
final class TableExportCommand implements Callable<Integer> {
    private final Session session;

    /** The forms of a table. */
    enum Format {
        JSON,
        CSV
    }

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(
            arity = "0..1",
            paramLabel = "TABLE",
            defaultValue = "",
            description = "The first digits of a table's id; not needed where the store holds one table only.")
    private String table = "";

    @Option(
            names = "--format",
            paramLabel = "json|csv",
            defaultValue = "json",
            description = "The form: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Format format = Format.JSON;

    @Option(
            names = "--out",
            paramLabel = "FILE",
            required = true,
            description = "The file to write; - is standard output.")
    private String out = "";

    TableExportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() throws IOException {
        boolean print = out.equals("-");
        if (print && common.json) {
            throw new IllegalArgumentException("--out - and --json: standard output takes one document only");
        }
        CostTable exported = Stores.table(table, common.storePath(session));
        if (print) {
            StringWriter text = new StringWriter();
            write(exported, text);
            session.console().result(text.toString());
            return ExitCode.DONE.code();
        }
        WholeFile.write(Path.of(out), writer -> write(exported, writer));
        if (common.json) {
            Map<String, Object> document = Json.document("table export", Json.device(exported), List.of());
            document.put("id", exported.fingerprint().id());
            document.put("rows", exported.rows().size());
            document.put("path", out);
            session.console().result(Json.write(document));
        } else {
            session.console()
                    .result("wrote " + exported.rows().size() + " rows of table "
                            + exported.fingerprint().id() + " to " + out);
        }
        return ExitCode.DONE.code();
    }

    private void write(CostTable exported, Writer writer) throws IOException {
        switch (format) {
            case JSON -> TableJson.write(exported, writer);
            case CSV -> TableCsv.write(exported, writer);
        }
    }
}
