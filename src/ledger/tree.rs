//! The Merkle tree of the ledger (RFC 9162 §2.1), kept in tiles of 256 hashes (c2sp.org/tlog-tiles).

use std::collections::HashMap;

use tlog_tiles::tile::Tile;
use tlog_tiles::tlog::{Error, Hash, HashReader, stored_hash_index, stored_hashes_for_record_hash, tree_hash};

/// Levels of the tree in one tile.
pub const HEIGHT: u8 = 8;
/// Hashes of a whole tile.
pub const WIDTH: u64 = 1 << HEIGHT;
/// Bytes of a hash.
const HASH: usize = 32;

/// Which tile: its level, and its number within the level.
pub type Place = (u8, u64);

/// The hash of a leaf: `0x00`, the salt, the entry.
pub fn leaf(salt: &[u8], canonical: &str) -> Hash {
    tlog_tiles::tlog::record_hash(&[salt, canonical.as_bytes()].concat())
}

/// Tiles at hand, and what was added to them.
#[derive(Debug, Default)]
pub struct Tiles {
    tiles: HashMap<Place, Vec<u8>>,
    fresh: HashMap<u64, Hash>,
}

/// A tile with something that is no list of hashes.
#[derive(Debug, PartialEq, Eq)]
pub struct Damaged(pub Place);

impl Tiles {
    /// The tiles at the right edge of a tree of `size` leaves: those that are not whole.
    pub fn edge(size: u64) -> Vec<Place> {
        let levels = (0_u8..8).take_while(|level| size >> (HEIGHT * level) > 0);
        levels
            .map(|level| (level, size >> (HEIGHT * level)))
            .filter(|(_, hashes)| hashes % WIDTH != 0)
            .map(|(level, hashes)| (level, hashes / WIDTH))
            .collect()
    }

    /// The tiles that prove `leaf` to be in a tree of `size` leaves, and those of its edge.
    pub fn above(leaf: u64, size: u64) -> Vec<Place> {
        let levels = (0_u8..8).take_while(|level| size >> (HEIGHT * level) > 0);
        let mut places: Vec<Place> = levels.map(|level| (level, leaf >> (HEIGHT * (level + 1)))).collect();
        places.extend(Self::edge(size));
        places.sort_unstable();
        places.dedup();
        places
    }

    /// Takes a tile in, as it is kept.
    pub fn take(&mut self, place: Place, hashes: Vec<u8>) -> Result<(), Damaged> {
        let width = hashes.len() / HASH;
        if !hashes.len().is_multiple_of(HASH) || width == 0 || width as u64 > WIDTH {
            return Err(Damaged(place));
        }
        self.tiles.insert(place, hashes);
        Ok(())
    }

    /// Adds leaves to a tree of `size`; gives the tiles that are new or wider, as they are kept from now on.
    pub fn append(&mut self, size: u64, leaves: &[Hash]) -> Result<Vec<(Place, Vec<u8>)>, Error> {
        let mut at = size;
        for hash in leaves {
            let hashes = stored_hashes_for_record_hash(at, *hash, self)?;
            self.fresh.extend((stored_hash_index(0, at)..).zip(hashes));
            at += 1;
        }
        let changed = Tile::new_tiles(HEIGHT, size, at);
        changed.into_iter().map(|tile| Ok(((tile.level(), tile.level_index()), tile.read_data(self)?))).collect()
    }

    /// The root of the first `size` leaves.
    pub fn root(&self, size: u64) -> Result<Hash, Error> {
        tree_hash(size, self)
    }
}

impl HashReader for Tiles {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
        let read = |index: &u64| {
            if let Some(hash) = self.fresh.get(index) {
                return Ok(*hash);
            }
            let tile = Tile::from_index(HEIGHT, *index);
            let data = self.tiles.get(&(tile.level(), tile.level_index())).ok_or(Error::IndexesNotInTree)?;
            let width = u32::try_from(data.len() / HASH).map_err(|_| Error::InvalidTile)?;
            Tile::new(HEIGHT, tile.level(), tile.level_index(), width, false).hash_at_index(data, *index)
        };
        indexes.iter().map(read).collect()
    }
}

/// The hash of all leaves below a whole tile.
pub fn tile_root(hashes: &[u8]) -> Option<Hash> {
    let whole = hashes.len() == HASH << HEIGHT;
    whole.then(|| Tile::subtree_hash(hashes))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tlog_tiles::tlog::{check_record, check_tree, node_hash, prove_record, prove_tree};

    use super::*;

    /// The root as RFC 9162 §2.1.1 defines it, from the leaves alone.
    fn fold(hashes: &[Hash]) -> Option<Hash> {
        match hashes {
            [] => None,
            [one] => Some(*one),
            many => {
                let half = many.len().next_power_of_two() / 2;
                Some(node_hash(fold(&many[..half])?, fold(&many[half..])?))
            }
        }
    }

    fn hashes(count: u64) -> Vec<Hash> {
        (0..count).map(|n| leaf(&[7; 16], &format!("{{\"n\":{n}}}"))).collect()
    }

    /// A tree that grew by these steps, each from nothing but the tiles that were kept.
    fn grown(steps: &[u64]) -> (u64, HashMap<Place, Vec<u8>>, Hash) {
        let all = hashes(steps.iter().sum());
        let (mut size, mut kept, mut root) = (0, HashMap::new(), tlog_tiles::tlog::EMPTY_HASH);
        for step in steps {
            let mut tiles = Tiles::default();
            for place in Tiles::edge(size) {
                tiles.take(place, kept.get(&place).cloned().expect("the edge is kept")).unwrap();
            }
            let (from, to) = (usize::try_from(size).unwrap(), usize::try_from(size + step).unwrap());
            kept.extend(tiles.append(size, &all[from..to]).unwrap());
            size += step;
            root = tiles.root(size).unwrap();
        }
        (size, kept, root)
    }

    #[test]
    fn the_root_is_that_of_rfc_9162_however_the_tree_grew() {
        for steps in [vec![1], vec![255, 1], vec![256], vec![256, 1], vec![300, 212, 1], vec![1000, 70_000, 3]] {
            let (size, kept, root) = grown(&steps);
            assert_eq!(Some(root), fold(&hashes(size)), "{steps:?}");
            // Every leaf is proved by the tiles above it, and every earlier head by those of the whole.
            for at in [0, size / 2, size - 1] {
                let mut tiles = Tiles::default();
                for place in Tiles::above(at, size) {
                    tiles.take(place, kept[&place].clone()).unwrap();
                }
                let proof = prove_record(size, at, &tiles).unwrap();
                let hash = hashes(size)[usize::try_from(at).unwrap()];
                assert!(check_record(&proof, size, root, at, hash).is_ok());
                assert!(check_record(&proof, size, root, at, leaf(&[8; 16], "{}")).is_err());
            }
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        #[test]
        fn a_head_extends_every_earlier_one(steps in prop::collection::vec(1_u64..700, 1..6)) {
            let (size, kept, root) = grown(&steps);
            let mut tiles = Tiles::default();
            for (place, hashes) in kept {
                tiles.take(place, hashes).unwrap();
            }
            let mut before = 0;
            for step in steps {
                before += step;
                let old = fold(&hashes(before)).unwrap();
                let proof = prove_tree(size, before, &tiles).unwrap();
                prop_assert!(check_tree(&proof, size, root, before, old).is_ok());
            }
        }
    }

    #[test]
    fn what_is_no_list_of_hashes_is_no_tile() {
        for length in [0, 31, 33, 32 * 257] {
            assert_eq!(Tiles::default().take((0, 3), vec![0; length]), Err(Damaged((0, 3))));
        }
        assert!(Tiles::default().root(5).is_err(), "nothing is at hand");
    }
}
