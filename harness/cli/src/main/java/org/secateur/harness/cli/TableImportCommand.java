package org.secateur.harness.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.secateur.results.core.ExitCode;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableJson;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Reads a table from a file into the store. */
@Command(
        name = "import",
        description = {
            "Add a table from a JSON file to the store, all of it or nothing.",
            "It keeps its own fingerprint, so that tables of other devices stay apart."
        },
        footer = {"", "Examples:", "  secateur table import costs.json"})
final class TableImportCommand implements Callable<Integer> {
    private final Session session;

    @Mixin
    private final CommonOptions common = new CommonOptions();

    @Parameters(paramLabel = "FILE", description = "A table as secateur table export --format json writes it.")
    private Path file = Path.of("");

    TableImportCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        CostTable table = TableJson.read(file);
        Path path = common.storePath(session);
        int added;
        try (Store store = Store.open(path)) {
            added = store.add(table);
        }
        int rows = table.rows().size();
        String id = table.fingerprint().id();
        if (common.json) {
            Map<String, Object> document = Json.document("table import", Json.device(table), List.of());
            document.put("id", id);
            document.put("rows", rows);
            document.put("newRows", added);
            document.put("path", path);
            session.console().result(Json.write(document));
        } else {
            session.console()
                    .result("table " + id + " of " + table.device() + ": " + added + " of " + rows
                            + " rows were new in " + path);
        }
        return ExitCode.DONE.code();
    }
}
