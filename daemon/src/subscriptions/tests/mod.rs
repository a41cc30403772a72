mod difference;
mod key;
