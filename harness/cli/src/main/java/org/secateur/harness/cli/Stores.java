package org.secateur.harness.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.secateur.results.core.SecateurException;
import org.secateur.results.core.cost.CostTable;
import org.secateur.results.store.Store;
import org.secateur.results.store.TableJson;
import org.secateur.results.store.TableSummary;

/** Reading of what is there already: a command that only reads creates no store. */
final class Stores {
    private Stores() {}

    /**
     * Opens a store that exists.
     *
     * @throws SecateurException when there is none
     */
    static Store existing(Path file) {
        if (!Files.exists(file)) {
            throw SecateurException.badInput(
                    "there is no store yet",
                    file.toString(),
                    "measure first, for example secateur profile --network resnet20, or name another with --store FILE");
        }
        return Store.open(file);
    }

    /**
     * The table that a user means.
     *
     * @param named a JSON file, or the first digits of the id of a table in the store; empty for the only one there
     * @throws SecateurException when there is none or the name fits several
     */
    static CostTable table(String named, Path storeFile) {
        if (!named.isEmpty() && (Files.exists(Path.of(named)) || !named.matches("[0-9a-f]{1,16}"))) {
            return TableJson.read(Path.of(named));
        }
        try (Store store = existing(storeFile)) {
            return store.table(named).orElseThrow(() -> noSingle(named, store));
        }
    }

    private static SecateurException noSingle(String named, Store store) {
        List<TableSummary> all = store.tables();
        if (all.isEmpty()) {
            return SecateurException.badInput(
                    "the store holds no table",
                    store.file().toString(),
                    "measure first, for example secateur profile --network resnet20");
        }
        String ids = all.stream().map(t -> t.fingerprint().id()).collect(Collectors.joining(", "));
        return SecateurException.badInput(
                named.isEmpty() ? "the store holds " + all.size() + " tables" : "no single table is called " + named,
                store.file().toString(),
                "name a JSON file or one of " + ids);
    }
}
